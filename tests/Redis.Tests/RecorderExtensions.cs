using System.Text;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Redis.Tests;

internal static class RecorderExtensions
{
    /// <summary>Waits until each of these texts has arrived, however often.</summary>
    public static async Task WaitUntilAllAsync(this BatchRecorder recorder, IEnumerable<string> texts)
    {
        var missing = texts.ToHashSet();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            missing.ExceptWith(recorder.Messages.Select(m => Encoding.UTF8.GetString(m.Value.Span)));
            if (missing.Count == 0)
                return;
            Assert.False(patience.IsCancellationRequested, $"{missing.Count} messages are missing, {missing.First()} among them");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
