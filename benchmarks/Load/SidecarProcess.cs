using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>The published sidecar as a process of its own, over component files in a temporary folder.</summary>
internal sealed class SidecarProcess : IAsyncDisposable
{
    private const int TailLines = 40;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly string _folder;
    private readonly Process _process;
    private readonly HttpClient _client = new();
    private readonly ConcurrentQueue<string> _tail = new();
    private readonly int[] _ports;

    private SidecarProcess(string folder, Process process, int[] ports) => (_folder, _process, _ports) = (folder, process, ports);

    public int HttpPort => _ports[0];

    public int GrpcPort => _ports[1];

    /// <param name="components">Component files, given the folder that their data may lie in.</param>
    /// <param name="appPort">Port of the app, or null for none.</param>
    public static async Task<SidecarProcess> StartAsync(Func<string, IEnumerable<string>> components, int? appPort, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-benchmark-").FullName;
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        foreach (var (text, i) in components(folder).Select((text, i) => (text, i)))
            await File.WriteAllTextAsync(Path.Combine(resources, $"{i}.yaml"), text, cancellationToken);
        var ports = FreePorts(4);
        List<string> flags =
        [
            "--app-id=benchmark", $"--dapr-http-port={ports[0]}", $"--dapr-grpc-port={ports[1]}", $"--metrics-port={ports[2]}", $"--profile-port={ports[3]}",
            "--enable-profiling", "--dapr-listen-addresses=127.0.0.1", "--log-level=warn", $"--resources-path={resources}",
        ];
        if (appPort is { } port)
            flags.Add($"--app-port={port}");
        var process = new Process { StartInfo = new ProcessStartInfo(SidecarSettings.Executable(), flags) { RedirectStandardOutput = true, RedirectStandardError = true } };
        var sidecar = new SidecarProcess(folder, process, ports);
        process.OutputDataReceived += sidecar.Record;
        process.ErrorDataReceived += sidecar.Record;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await sidecar.ReadyAsync(cancellationToken);
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    public async Task<RuntimeFacts> FactsAsync(CancellationToken cancellationToken) =>
        RuntimeFacts.Parse(await _client.GetStringAsync($"http://127.0.0.1:{_ports[3]}/debug/runtime", cancellationToken));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!await IsReadyAsync(cancellationToken))
        {
            if (_process.HasExited || clock.Elapsed > Limit)
                throw new InvalidOperationException($"the sidecar was not ready within {Limit.TotalSeconds} s. It wrote:\n{string.Join('\n', _tail)}");
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync($"http://127.0.0.1:{HttpPort}/v1.0/healthz", cancellationToken);
            return response.StatusCode == HttpStatusCode.NoContent;
        }
        catch (HttpRequestException)
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

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
