using System.Diagnostics;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>The executable under test with exactly the arguments of a test, for what ends by itself.</summary>
internal static class Executable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(Daprd.Executable(), args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
