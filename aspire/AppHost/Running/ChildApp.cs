using System.Diagnostics;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.Running;

/// <summary>An app of another language, run as a child process; its output is passed on line by line.</summary>
internal sealed class ChildApp : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TimeSpan _grace;

    private ChildApp(Process process, TimeSpan grace)
    {
        _process = process;
        _grace = grace;
    }

    /// <summary>Why the app is not running any more, or null while it is.</summary>
    public string? Ended => _process.HasExited ? $"exited with code {_process.ExitCode}" : null;

    public static ChildApp Start(AppPlan plan, Dictionary<string, string> environment, TimeSpan grace, Action<string> output)
    {
        if (plan.App.Command.Count == 0)
            throw new RealTimeMeshException($"app '{plan.App.AppId}': no command; expected one of the mesh's services or a command to start. Add command to the run file.");
        var start = new ProcessStartInfo(plan.App.Command[0], plan.App.Command.Skip(1)) { WorkingDirectory = plan.App.Directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Pass(line.Data);
        process.ErrorDataReceived += (_, line) => Pass(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildApp(process, grace);

        void Pass(string? line)
        {
            if (line is not null)
                output($"{plan.App.AppId} | {line}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // SIGTERM by its own pid; Process.Kill would be SIGKILL.
            using (Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
            }

            using var limit = new CancellationTokenSource(_grace);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }
}
