using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// How long the published sidecar takes from its start to <c>/v1.0/healthz</c> 204, and how much memory it holds when idle.
/// The executable is <c>MESH_SIDECAR</c>, else <c>artifacts/meshd/meshd</c>; a real daprd may be named for comparison.
/// </summary>
internal sealed class SidecarStart : IScenario
{
    private const int Starts = 10;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    public string Name => "sidecar-start";

    public string Description => "milliseconds from the start of a sidecar to its readiness, and its memory when idle";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var executable = Executable();
        var starts = new List<Start>();
        // The first start reads the files from the disk; it warms up and does not count.
        for (var i = 0; i <= Starts; i++)
        {
            var start = await MeasureAsync(executable, cancellationToken);
            if (i > 0)
                starts.Add(start);
        }

        var ready = starts.Select(start => start.Ready.TotalMilliseconds).Order().ToList();
        return new BenchmarkReport(
            Name,
            new Dictionary<string, double>
            {
                ["ready_p50_ms"] = ready[Starts / 2],
                ["ready_max_ms"] = ready[^1],
                ["cpu_until_ready_ms"] = starts.Average(start => start.Cpu.TotalMilliseconds),
                ["idle_memory_mb"] = starts.Max(start => start.IdleBytes) / 1e6,
            },
            $"{executable}; {Starts} starts without an app and components, after one to warm up; memory is the resident set {Idle.TotalSeconds} s after readiness, the highest of all.");
    }

    private static string Executable()
    {
        var executable = Environment.GetEnvironmentVariable("MESH_SIDECAR") is { Length: > 0 } named ? named : Path.Combine("artifacts", "meshd", "meshd");
        return File.Exists(executable)
            ? Path.GetFullPath(executable)
            : throw new FileNotFoundException($"no sidecar at {executable}; publish one with: dotnet publish services/SidecarHost -c Release -r linux-x64 --self-contained -o artifacts/meshd");
    }

    private static async Task<Start> MeasureAsync(string executable, CancellationToken cancellationToken)
    {
        var ports = FreePorts(3);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}"), Timeout = TimeSpan.FromSeconds(1) };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(
            executable,
            ["--app-id=start", $"--dapr-http-port={ports[0]}", $"--dapr-grpc-port={ports[1]}", $"--metrics-port={ports[2]}", "--dapr-listen-addresses=127.0.0.1", "--log-level=error"]))!;
        try
        {
            while (!await IsReadyAsync(client, cancellationToken))
            {
                if (process.HasExited || clock.Elapsed > Limit)
                    throw new InvalidOperationException($"{executable} was not ready within {Limit.TotalSeconds} s; run it by hand to see why");
                await Task.Delay(Poll, TimeProvider.System, cancellationToken);
            }

            var ready = clock.Elapsed;
            process.Refresh();
            var cpu = process.TotalProcessorTime;
            await Task.Delay(Idle, TimeProvider.System, cancellationToken);
            process.Refresh();
            return new Start(ready, cpu, process.WorkingSet64);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync("/v1.0/healthz", cancellationToken);
            return response.StatusCode == HttpStatusCode.NoContent;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }

    private readonly record struct Start(TimeSpan Ready, TimeSpan Cpu, long IdleBytes);
}
