using System.Diagnostics;

namespace RealTimeMesh.SchemaRegistry.Tests;

/// <summary>The registry as a process of its own, which can be killed.</summary>
internal sealed class RegistryProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private RegistryProcess(Process process, Uri url)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = url };
    }

    public HttpClient Http { get; }

    public static async Task<RegistryProcess> StartAsync(TemporaryFolder folder)
    {
        var leader = Path.Combine(folder.Path, "registry", "leader");
        if (File.Exists(leader))
            File.Delete(leader);

        var process = Run(folder);
        var watch = Stopwatch.StartNew();
        while (!File.Exists(leader))
        {
            Assert.True(watch.Elapsed < Limit && !process.HasExited, "the registry did not start");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return new RegistryProcess(process, new Uri(await File.ReadAllTextAsync(leader, TestContext.Current.CancellationToken)));
    }

    /// <summary>Runs a command of the program on a folder; returns its exit code with what it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> CommandAsync(TemporaryFolder folder, params string[] arguments)
    {
        using var process = Process.Start(StartInfo([.. arguments, $"--MESH_DATA={folder.Path}"]))!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>SIGKILL: nothing of the process runs any more.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        Http.Dispose();
    }

    private static Process Run(TemporaryFolder folder)
    {
        var process = Process.Start(StartInfo([$"--MESH_DATA={folder.Path}", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"]))!;

        // Read, or the process would wait for room in its pipes.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static ProcessStartInfo StartInfo(IEnumerable<string> arguments) =>
        new(Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.SchemaRegistry"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
}
