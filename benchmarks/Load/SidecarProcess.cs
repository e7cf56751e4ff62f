using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>The published sidecar as a process of its own.</summary>
internal sealed class SidecarProcess : IAsyncDisposable
{
    private const int TailLines = 40;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-benchmark-").FullName;
    private readonly HttpClient _client = new();
    private readonly ConcurrentQueue<string> _tail = new();
    private readonly int[] _ports = FreePorts.Take(4);
    private Process? _process;

    private SidecarProcess()
    {
    }

    public int HttpPort => _ports[0];

    public int GrpcPort => _ports[1];

    /// <summary>From its start to <c>/v1.0/healthz</c> 204.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>Time on processors so far, and bytes of resident memory now.</summary>
    public (TimeSpan Processors, long ResidentBytes) Usage
    {
        get
        {
            _process!.Refresh();
            return (_process.TotalProcessorTime, _process.WorkingSet64);
        }
    }

    /// <summary>Starts it over component files, with its profile port, and returns when it is ready.</summary>
    /// <param name="components">Component files, given the folder that their data may lie in.</param>
    /// <param name="appPort">Port of the app, or null for none.</param>
    public static Task<SidecarProcess> StartAsync(Func<string, IEnumerable<string>> components, int? appPort, CancellationToken cancellationToken) =>
        StartAsync(
            async sidecar =>
            {
                var resources = Directory.CreateDirectory(Path.Combine(sidecar._folder, "resources")).FullName;
                foreach (var (text, i) in components(sidecar._folder).Select((text, i) => (text, i)))
                    await File.WriteAllTextAsync(Path.Combine(resources, $"{i}.yaml"), text, cancellationToken);
                List<string> flags = [$"--profile-port={sidecar._ports[3]}", "--enable-profiling", "--log-level=warn", $"--resources-path={resources}"];
                if (appPort is { } port)
                    flags.Add($"--app-port={port}");
                return (IReadOnlyList<string>)flags;
            },
            cancellationToken);

    /// <summary>Starts it with nothing that it could do without, and returns when it is ready.</summary>
    public static Task<SidecarProcess> StartBareAsync(CancellationToken cancellationToken) =>
        StartAsync(static _ => Task.FromResult<IReadOnlyList<string>>(["--log-level=error"]), cancellationToken);

    public async Task<RuntimeFacts> FactsAsync(CancellationToken cancellationToken) =>
        RuntimeFacts.Parse(await _client.GetStringAsync($"http://127.0.0.1:{_ports[3]}/debug/runtime", cancellationToken));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                await _process.WaitForExitAsync(CancellationToken.None);
            }

            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<SidecarProcess> StartAsync(Func<SidecarProcess, Task<IReadOnlyList<string>>> flags, CancellationToken cancellationToken)
    {
        var executable = SidecarSettings.Executable();
        var sidecar = new SidecarProcess();
        try
        {
            await sidecar.RunAsync(executable, await flags(sidecar), cancellationToken);
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    private async Task RunAsync(string executable, IReadOnlyList<string> flags, CancellationToken cancellationToken)
    {
        string[] all = ["--app-id=benchmark", $"--dapr-http-port={_ports[0]}", $"--dapr-grpc-port={_ports[1]}", $"--metrics-port={_ports[2]}", "--dapr-listen-addresses=127.0.0.1", .. flags];
        var process = new Process { StartInfo = new ProcessStartInfo(executable, all) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.OutputDataReceived += Record;
        process.ErrorDataReceived += Record;
        var clock = Stopwatch.StartNew();
        process.Start();
        _process = process;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (!await IsReadyAsync(cancellationToken))
        {
            if (_process.HasExited || clock.Elapsed > Limit)
                throw new InvalidOperationException($"{executable} was not ready within {Limit.TotalSeconds} s. It wrote:\n{string.Join('\n', _tail)}");
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }

        ReadyAfter = clock.Elapsed;
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeLimit);
        try
        {
            using var response = await _client.GetAsync($"http://127.0.0.1:{HttpPort}/v1.0/healthz", limit.Token);
            return response.StatusCode == HttpStatusCode.NoContent;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Record(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        _tail.Enqueue(line.Data);
        if (_tail.Count > TailLines)
            _tail.TryDequeue(out _);
    }
}
