using System.Diagnostics;

namespace RealTimeMesh.ObjectStores.Tests;

/// <summary>A server from npm as a process; <c>test.sh</c> installs it beside these tests.</summary>
internal sealed class NpmServer : IAsyncDisposable
{
    private readonly Process _process;

    private NpmServer(Process process) => _process = process;

    /// <summary>Null where the server can run; otherwise why not.</summary>
    public static string? Absent(string program) => Find(program) is null
        ? $"{program} is not installed: npm install --prefix tests/ObjectStores.Tests/npm (needs nodejs and npm)"
        : null;

    /// <summary>Starts a program and waits until it tells its address: the text after <paramref name="mark"/> in its output.</summary>
    public static async Task<(NpmServer Server, string Told)> StartAsync(string program, IReadOnlyList<string> arguments, string mark)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Find(program)!);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new List<string>();
        void Hear(object sender, DataReceivedEventArgs args)
        {
            if (args.Data is not { } line)
                return;
            lock (all)
                all.Add(line);
            if (line.IndexOf(mark, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
                told.TrySetResult(line[(at + mark.Length)..].Trim());
        }

        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new NpmServer(process);
        try
        {
            return (server, await told.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        catch (TimeoutException)
        {
            await server.DisposeAsync();
            throw new TimeoutException($"{program} did not start: {string.Join('\n', all)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string? Find(string program)
    {
        var path = Path.Combine(Repository.Root, "tests", "ObjectStores.Tests", "npm", "node_modules", ".bin", program);
        return File.Exists(path) ? path : null;
    }
}
