using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dapr.Client;
using Grpc.Net.Client;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>
/// A sidecar as a process of its own, started with the flags that Dapr's integration suite passes. <c>MESH_SIDECAR</c>
/// names another executable, such as a real daprd: the same tests then judge that one.
/// </summary>
internal sealed class Daprd : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DaprdSetup _setup;
    private readonly string _folder = Directory.CreateTempSubdirectory("daprd-").FullName;
    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    private Daprd(DaprdSetup setup)
    {
        _setup = setup;
        AppId = setup.AppId ?? $"app-{Path.GetFileName(_folder)[6..].ToLowerInvariant()}";
        Ports = FreePorts.Take(6);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}"), Timeout = TimeSpan.FromSeconds(60) };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{GrpcPort}", new GrpcChannelOptions { MaxSendMessageSize = null, MaxReceiveMessageSize = null });
        Grpc = new DaprGrpc(Channel);
    }

    public string AppId { get; }

    public int HttpPort => Ports[0];

    public int GrpcPort => Ports[1];

    public int InternalGrpcPort => Ports[2];

    public int PublicPort => Ports[3];

    public int MetricsPort => Ports[4];

    public int ProfilePort => Ports[5];

    public HttpClient Http { get; }

    public GrpcChannel Channel { get; }

    public DaprGrpc Grpc { get; }

    /// <summary>Folder of the resource files <c>0.yaml</c>, <c>1.yaml</c>, …, for tests that change them.</summary>
    public string ResourcesFolder => Path.Combine(_folder, "resources");

    /// <summary>Folder of the configuration files <c>0.yaml</c>, <c>1.yaml</c>, …</summary>
    public string ConfigsFolder => Path.Combine(_folder, "configs");

    /// <summary>What the process wrote so far, standard output and error together.</summary>
    public string Log => string.Join('\n', _lines);

    public int ExitCode => _process!.ExitCode;

    /// <summary>Memory of the process that is in RAM.</summary>
    public long ResidentBytes
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    private int[] Ports { get; }

    /// <summary>Starts a sidecar and waits until it says it is ready.</summary>
    public static async Task<Daprd> StartAsync(DaprdSetup? setup = null)
    {
        var daprd = await LaunchAsync(setup);
        try
        {
            await daprd.ReadyAsync();
            return daprd;
        }
        catch
        {
            await daprd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a sidecar without waiting for it.</summary>
    public static Task<Daprd> LaunchAsync(DaprdSetup? setup = null)
    {
        var daprd = new Daprd(setup ?? new DaprdSetup());
        daprd.Launch();
        return Task.FromResult(daprd);
    }

    /// <summary>Starts it again after it has ended, on the same ports and resources.</summary>
    public async Task RestartAsync()
    {
        Launch();
        await ReadyAsync();
    }

    public async Task ReadyAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (_process!.HasExited)
                throw new InvalidOperationException($"the sidecar ended with code {_process.ExitCode}; expected it to become ready. It wrote:\n{Log}");
            try
            {
                using var response = await Http.GetAsync("/v1.0/healthz");
                if (response.StatusCode == HttpStatusCode.NoContent)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (clock.Elapsed > Limit)
                throw new TimeoutException($"the sidecar was not ready within {Limit}. It wrote:\n{Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>Waits for a text in what the process writes.</summary>
    public Task LoggedAsync(string text) => Eventually.TrueAsync(() => Log.Contains(text, StringComparison.Ordinal), () => $"'{text}' in the log:\n{Log}");

    public async Task<JsonElement> MetadataAsync()
    {
        using var document = JsonDocument.Parse(await Http.GetStringAsync("/v1.0/metadata"));
        return document.RootElement.Clone();
    }

    /// <summary>The official client over this sidecar.</summary>
    public DaprClient Client(string? token = null)
    {
        var builder = new DaprClientBuilder().UseHttpEndpoint($"http://127.0.0.1:{HttpPort}").UseGrpcEndpoint($"http://127.0.0.1:{GrpcPort}");
        return (token is null ? builder : builder.UseDaprApiToken(token)).Build();
    }

    public void Signal(PosixSignal signal)
    {
        var number = signal switch { PosixSignal.SIGINT => 2, PosixSignal.SIGTERM => 15, PosixSignal.SIGHUP => 1, _ => throw new ArgumentOutOfRangeException(nameof(signal)) };
        Assert.Equal(0, Native.Kill(_process!.Id, number));
    }

    /// <summary>Waits for the process to end by itself and tells its exit code.</summary>
    public async Task<int> ExitedAsync()
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        await _process!.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Interrupts the process as Ctrl+C does and waits for its end; tells its exit code.</summary>
    public Task<int> StopAsync()
    {
        Signal(PosixSignal.SIGINT);
        return ExitedAsync();
    }

    /// <summary>Ends the process without a chance to clean up.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await ExitedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Channel.Dispose();
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Launch()
    {
        var start = new ProcessStartInfo(Executable()) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        if (_setup.InterruptIgnored)
        {
            start.FileName = "/bin/sh";
            foreach (var argument in (string[])["-c", "trap '' INT; exec \"$0\" \"$@\"", Executable()])
                start.ArgumentList.Add(argument);
        }

        foreach (var flag in Arguments())
            start.ArgumentList.Add(flag);
        if (_setup.Environment.Count > 0)
        {
            // As in Dapr's suite: a test that sets variables passes nothing else on.
            start.Environment.Clear();
            foreach (var (name, value) in _setup.Environment)
                start.Environment[name] = value;
            // Our own build output needs the shared runtime.
            start.Environment["DOTNET_ROOT"] = Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += Record;
        process.ErrorDataReceived += Record;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process?.Dispose();
        _process = process;
    }

    /// <summary>The executable under test.</summary>
    internal static string Executable() =>
        Environment.GetEnvironmentVariable("MESH_SIDECAR") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "meshd");

    private void Record(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
            _lines.Enqueue(line.Data);
    }

    private List<string> Arguments()
    {
        List<string> flags =
        [
            "--log-level=debug", $"--app-id={AppId}", $"--app-protocol={_setup.AppProtocol}",
            $"--dapr-grpc-port={GrpcPort}", $"--dapr-http-port={HttpPort}", $"--dapr-internal-grpc-port={InternalGrpcPort}",
            "--dapr-internal-grpc-listen-address=127.0.0.1", "--dapr-listen-addresses=127.0.0.1",
            $"--dapr-public-port={PublicPort}", "--dapr-public-listen-address=127.0.0.1",
            $"--metrics-port={MetricsPort}", "--metrics-listen-address=127.0.0.1", $"--profile-port={ProfilePort}",
            $"--enable-app-health-check={(_setup.AppHealthCheck ? "true" : "false")}",
            $"--app-health-probe-interval={_setup.AppHealthProbeInterval}", $"--app-health-threshold={_setup.AppHealthThreshold}",
            "--mode=standalone", "--enable-mtls=false", "--enable-api-logging=true", "--enable-profiling",
        ];
        if (_setup.AppPort is { } appPort)
            flags.Add($"--app-port={appPort}");
        if (_setup.Resources.Count > 0)
        {
            Write(ResourcesFolder, _setup.Resources);
            flags.Add($"--resources-path={ResourcesFolder}");
        }

        Write(ConfigsFolder, _setup.Configs);
        flags.AddRange(_setup.Configs.Select((_, i) => $"--config={Path.Combine(ConfigsFolder, $"{i}.yaml")}"));
        flags.AddRange(_setup.Flags);
        return flags;
    }

    private static void Write(string folder, IReadOnlyList<string> documents)
    {
        if (Directory.Exists(folder))
            return;
        Directory.CreateDirectory(folder);
        for (var i = 0; i < documents.Count; i++)
            File.WriteAllText(Path.Combine(folder, $"{i}.yaml"), documents[i]);
    }

    private static class Native
    {
#pragma warning disable SYSLIB1054 // One call in a test does not need generated marshalling.
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        public static extern int Kill(int process, int signal);
#pragma warning restore SYSLIB1054
    }
}

/// <summary>How to start a <see cref="Daprd"/>.</summary>
internal sealed record DaprdSetup
{
    /// <summary>Null takes an unused one.</summary>
    public string? AppId { get; init; }

    public int? AppPort { get; init; }

    public string AppProtocol { get; init; } = "http";

    public bool AppHealthCheck { get; init; }

    /// <summary>Seconds.</summary>
    public int AppHealthProbeInterval { get; init; }

    public int AppHealthThreshold { get; init; }

    /// <summary>Each is a file of the resources folder.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    public IReadOnlyList<string> Configs { get; init; } = [];

    /// <summary>Further flags, after the usual ones.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Starts the process with SIGINT ignored, as a shell without job control starts its background processes.</summary>
    public bool InterruptIgnored { get; init; }

    /// <summary>Where there are any, the process gets these alone.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
