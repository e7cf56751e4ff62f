using System.Collections.Concurrent;
using System.Diagnostics;

namespace RealTimeMesh.Polyglot.Tests;

/// <summary>A program that runs beside a test, such as an app of the sidecar.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private RunningProgram(Process process) => _process = process;

    /// <summary>Lines of its standard output so far.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public static RunningProgram Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var process = new Process { StartInfo = Programs.StartInfo(program, arguments, environment) };
        var running = new RunningProgram(process);
        process.OutputDataReceived += (_, line) => Add(running._lines, line);
        process.ErrorDataReceived += (_, line) => Add(running._errors, line);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Waits for a line of its output.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, string expected)
    {
        await Eventually.TrueAsync(
            () => _process.HasExited && !_lines.Any(wanted)
                ? throw new InvalidOperationException($"the program ended with code {_process.ExitCode}; expected {expected}. It wrote:\n{All}")
                : _lines.Any(wanted),
            () => $"{expected}. It wrote:\n{All}");
        return _lines.First(wanted);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private string All => string.Join('\n', _errors.Concat(_lines));

    private static void Add(ConcurrentQueue<string> lines, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
            lines.Enqueue(line.Data);
    }
}
