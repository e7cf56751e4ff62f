using System.Diagnostics;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Testing;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The host as a user starts it: its own process, free ports, a data folder of its own.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process, string dataPath)
    {
        _process = process;
        DataPath = dataPath;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string DataPath { get; }

    /// <summary>Leave the data folder for the next host.</summary>
    public bool KeepData { get; set; }

    public int ProcessId => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>The project's root: the folder of dapr.yaml.</summary>
    public static HostProcess Start(string dataPath, params string[] arguments) => Start(dataPath, new Dictionary<string, string>(), arguments);

    public static HostProcess Start(string dataPath, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Run(dataPath, environment, ["--data", dataPath, .. arguments]);

    /// <summary>A command of the host, such as <c>ingest</c>.</summary>
    public static HostProcess StartCommand(string dataPath, params string[] arguments) =>
        Run(dataPath, new Dictionary<string, string>(), [.. arguments, "--data", dataPath]);

    private static HostProcess Run(string dataPath, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        // A test run in the background has Ctrl+C switched off, and its children would inherit that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet"]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.AppHost.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["NO_COLOR"] = "1";
        start.Environment["COLUMNS"] = "220";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new HostProcess(Process.Start(start)!, dataPath);
    }

    public static string NewFolder(string name) => Path.Combine(Path.GetTempPath(), $"mesh-{name}-{Environment.ProcessId}-{Path.GetRandomFileName()}");

    /// <summary>Waits until the host has printed that it is ready.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var ended = _process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(_ready.Task, ended) == ended)
            Assert.Fail($"the host ended with {_process.ExitCode} before it was ready:\n{Output}");
    }

    /// <summary>The exit code, once the host has ended by itself.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing of the process runs any more, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Ctrl+C.</summary>
    public void Interrupt()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Where the parts of the running host listen.</summary>
    public JsonElement Endpoints() => JsonDocument.Parse(File.ReadAllText(Path.Combine(DataPath, "endpoints.json"))).RootElement;

    public Uri AppUrl(string appId) => new(Endpoints().GetProperty("apps").GetProperty(appId).GetProperty("url").GetString()!);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        if (!KeepData && Directory.Exists(DataPath))
            Directory.Delete(DataPath, recursive: true);
    }

    private void Append(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (line.StartsWith("ready in ", StringComparison.Ordinal))
            _ready.TrySetResult();
    }
}
