using System.Diagnostics;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>Waits for a condition by asking again, with a limit.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, Func<string> expected) => TrueAsync(() => Task.FromResult(condition()), expected);

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> expected)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Limit)
                Assert.Fail($"not so within {Limit}: {expected()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
