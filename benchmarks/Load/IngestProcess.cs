using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using RealTimeMesh.Garnet;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>
/// Ingestion as a process of its own, with the published sidecar over a synced log; Garnet and the schema registry run in
/// the process of the load client.
/// </summary>
internal sealed class IngestProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-benchmark-").FullName;
    private readonly Stack<IAsyncDisposable> _owned = new();
    private readonly int _port = FreePorts.Next();
    private Process? _process;

    private IngestProcess()
    {
    }

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public int Port => _port;

    public SidecarProcess Sidecar { get; private set; } = null!;

    /// <summary>Time on processors so far of Ingestion, the sidecar and this process, which is the client, Garnet and the registry.</summary>
    public (TimeSpan Ingestion, TimeSpan Sidecar, TimeSpan Client) Processors
    {
        get
        {
            _process!.Refresh();
            using var self = Process.GetCurrentProcess();
            return (_process.TotalProcessorTime, Sidecar.Usage.Processors, self.TotalProcessorTime);
        }
    }

    /// <summary>Resident memory of Ingestion now, MiB.</summary>
    public double ResidentMebibytes => StatusOf("VmRSS:");

    /// <summary>The most it ever had, MiB.</summary>
    public double PeakMebibytes => StatusOf("VmHWM:");

    /// <summary>What its runtime says of itself.</summary>
    public async Task<RuntimeUse> RuntimeAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = Address };
        return RuntimeUse.Parse(await client.GetStringAsync("/metrics", cancellationToken));
    }

    /// <param name="settings">Further settings of Ingestion, <c>NAME=VALUE</c>.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="pipelines">Writes the pipelines into a folder; null for those of <see cref="IngestEvents"/>.</param>
    public static async Task<IngestProcess> StartAsync(IEnumerable<string> settings, CancellationToken cancellationToken, Action<string>? pipelines = null)
    {
        var ingest = new IngestProcess();
        (pipelines ?? IngestEvents.WritePipeline)(Path.Combine(ingest._folder, "pipelines"));
        try
        {
            await ingest.RunAsync(settings, cancellationToken);
            return ingest;
        }
        catch
        {
            await ingest.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                await _process.WaitForExitAsync(CancellationToken.None);
            }

            _process.Dispose();
        }

        while (_owned.TryPop(out var owned))
            await owned.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync(IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        var garnet = Own(await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = Path.Combine(_folder, "state") }, null, cancellationToken));
        var registry = Own(SchemaRegistryApp.Build(["--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", $"--MESH_DATA={_folder}", "--Logging:Console:LogLevel:Default=None"]));
        await registry.StartAsync(cancellationToken);
        Sidecar = Own(await SidecarProcess.StartAsync(
            folder => [ComponentFiles.RocksDbBroker("pubsub", folder), ComponentFiles.RedisStore("statestore", garnet.Address)], appPort: null, cancellationToken));
        string[] all =
        [
            $"--urls={Address}",
            $"--MESH_PIPELINES={Path.Combine(_folder, "pipelines")}",
            string.Create(CultureInfo.InvariantCulture, $"--DAPR_HTTP_PORT={Sidecar.HttpPort}"),
            string.Create(CultureInfo.InvariantCulture, $"--DAPR_GRPC_PORT={Sidecar.GrpcPort}"),
            $"--SCHEMA_REGISTRY_URL={registry.Urls.First()}",
            .. settings.Select(setting => $"--{setting}"),
        ];
        _process = Process.Start(Command(all))!;
        using var client = new HttpClient { BaseAddress = Address };
        var started = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(client, cancellationToken))
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(started) > Limit)
                throw new InvalidOperationException($"Ingestion was not ready within {Limit.TotalSeconds} s; see its output above");
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync("/healthz", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary><c>MESH_INGESTION</c>, a published executable, else what was built with the benchmarks.</summary>
    private ProcessStartInfo Command(string[] arguments) => Environment.GetEnvironmentVariable("MESH_INGESTION") is { Length: > 0 } published
        ? new ProcessStartInfo(Path.GetFullPath(published), arguments) { WorkingDirectory = _folder }
        : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.Ingestion.dll"), .. arguments]) { WorkingDirectory = _folder };

    private double StatusOf(string name)
    {
        var line = File.ReadLines($"/proc/{_process!.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) / 1024.0;
    }

    private T Own<T>(T item)
        where T : IAsyncDisposable
    {
        _owned.Push(item);
        return item;
    }
}
