using System.Buffers;
using System.Net;
using System.Text.Json;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Testing;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.StreamProcessor.Tests;

/// <summary>The service under test behind a real sidecar over components in memory, with a pipeline in a temporary folder.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    public const string Contract = """
        {"type":"record","name":"Reading","namespace":"test","fields":[
          {"name":"sensor","type":"string"},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"value","type":"double"}]}
        """;

    private const string Pipeline = """
        pipeline: plant
        streams:
          readings:
            contract: contracts/reading.avsc
            key: sensor
            time: { field: at, outOfOrder: 1m, idleAfter: 30s }
        views:
          by_sensor:
            from: readings
            window: { tumbling: 1m }
            by: [sensor]
            select: { n: count(*), mean: avg(value), p50: "quantile(value, 0.5)" }
            retain: 30d
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-stream-");
    private readonly AvroContract _contract = AvroContract.Parse(Contract);
    // The sidecar must know the port of an app that needs the sidecar's port: one of the two has to be chosen first.
    private readonly int _appPort = FreePorts.Next();
    private RegistryStub _registry = null!;
    private IAsyncDisposable _broker = null!;
    private IAsyncDisposable _store = null!;
    private WebApplication _sidecar = null!;
    private GrpcChannel _channel = null!;
    private WebApplication? _app;

    public static DateTime Origin { get; } = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>Changes the services of the app that is started next.</summary>
    public Action<IServiceCollection>? Configure { get; set; }

    public EventPublisher Publisher { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public DaprGrpc Dapr { get; private set; } = null!;

    public static async Task<Mesh> StartAsync(int partitions = 2, string views = "")
    {
        var mesh = new Mesh();
        var pipeline = mesh._folder.CreateSubdirectory("plant");
        await File.WriteAllTextAsync(Path.Combine(pipeline.FullName, "pipeline.yaml"), Pipeline + views);
        await File.WriteAllTextAsync(Path.Combine(pipeline.CreateSubdirectory("contracts").FullName, "reading.avsc"), Contract);
        mesh._registry = await RegistryStub.StartAsync(Contract);
        await mesh.StartSidecarAsync(partitions);
        await mesh.StartAppAsync();
        return mesh;
    }

    /// <summary>Starts the service, as after a crash or a deployment; its memory is new, the store is the same.</summary>
    public async Task StartAppAsync()
    {
        _app = StreamProcessorApp.Build(Args(_sidecar.Services.GetRequiredService<SidecarPorts>().Grpc, _appPort), Configure);
        await _app.StartAsync();
        await EventuallyAsync("/healthz", (status, _) => status == HttpStatusCode.OK);
    }

    public async Task StopAppAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public string[] Args(int sidecarGrpcPort, int appPort) =>
    [
        $"--urls=http://127.0.0.1:{appPort}", $"--MESH_PIPELINES={_folder.FullName}", $"--DAPR_GRPC_PORT={sidecarGrpcPort}",
        $"--SCHEMA_REGISTRY_URL={_registry.Url}", "--MESH_RESTORE_RETRY_MS=20", "--MESH_FLOW_PULSE_MS=20", "--Logging:LogLevel:Default=None", "--Logging:LogLevel:RealTimeMesh=None",
    ];

    /// <summary>An event in Confluent wire format.</summary>
    public OutgoingEvent Event(string sensor, double second, double value, long sequence = -1)
    {
        var batch = new ColumnBatch(_contract.Rows);
        ((StringColumn)batch.Columns[0]).Append(sensor);
        ((Int64Column)batch.Columns[1]).Append((long)(Origin - DateTime.UnixEpoch).TotalMilliseconds * 1000 + (long)(second * 1_000_000));
        ((Float64Column)batch.Columns[2]).Append(value);
        var buffer = new ArrayBufferWriter<byte>();
        ConfluentFrame.WriteHeader(buffer.GetSpan(ConfluentFrame.HeaderLength), 1);
        buffer.Advance(ConfluentFrame.HeaderLength);
        _contract.Encode(batch, 0, buffer);
        return new OutgoingEvent(sensor, $"{sensor}-{second}", sequence, buffer.WrittenMemory);
    }

    public Task PublishAsync(string source, params OutgoingEvent[] events) =>
        Publisher.PublishAsync("plant.readings", new EventEnvelope(source, "reading", Origin, "application/avro", null), events, TestContext.Current.CancellationToken);

    /// <summary>What lies on the stream's dead-letter topic, in the order of the events' partitions and offsets.</summary>
    public async Task<IReadOnlyList<DeadLetterRecord>> DeadLettersAsync()
    {
        var broker = (IPubSubBroker)_broker;
        List<DeadLetterRecord> letters = [];
        foreach (var partition in await broker.GetWatermarksAsync("plant.readings.dlq", TestContext.Current.CancellationToken))
        {
            foreach (var message in await broker.ReadAsync("plant.readings.dlq", partition.Partition, 0, 1_000, TestContext.Current.CancellationToken))
            {
                Assert.True(DeadLetterReader.TryRead(message.Value, out var letter, out var error), error);
                letters.Add(letter);
            }
        }

        return [.. letters.OrderBy(letter => (letter.Origin.Partition, letter.Origin.Offset))];
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }

    /// <summary>Waits until the ledger's only stream shows these counts.</summary>
    public Task LedgerAsync(long applied, long late = 0, long quarantined = 0, long duplicates = 0) =>
        EventuallyAsync("/v1/ledger", (_, body) => body.Contains($"\"applied\":{applied},\"late\":{late},\"quarantined\":{quarantined},\"duplicates_skipped\":{duplicates},", StringComparison.Ordinal));

    public async Task EventuallyAsync(string path, Func<HttpStatusCode, string, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        var last = "";
        while (true)
        {
            try
            {
                using var response = await Http.GetAsync(path, limit.Token);
                last = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(limit.Token)}";
                if (condition(response.StatusCode, last))
                    return;
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{path} did not come to what was expected; last answer: {last}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await StopAppAsync();
        _channel.Dispose();
        Http.Dispose();
        await _sidecar.StopAsync();
        await _sidecar.DisposeAsync();
        await _broker.DisposeAsync();
        await _store.DisposeAsync();
        await _registry.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task StartSidecarAsync(int partitions)
    {
        var context = new ComponentContext("stream-processor", _folder.FullName, TimeProvider.System);
        var pubsub = new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["partitions"] = $"{partitions}" } };
        var store = new ComponentSpec { Name = "statestore", Type = "state.in-memory" };
        _broker = await new InMemoryLogType().StartAsync(pubsub, context, default);
        _store = await new InMemoryStateType().StartAsync(store, context, default);
        _sidecar = SidecarApp.Build(
            new SidecarOptions { AppId = "stream-processor", HttpPort = 0, GrpcPort = 0, AppPort = _appPort },
            [new SidecarComponent(pubsub, _broker), new SidecarComponent(store, _store)], TimeProvider.System, _ => { });
        await _sidecar.StartAsync();
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{_sidecar.Services.GetRequiredService<SidecarPorts>().Grpc}");
        Dapr = new DaprGrpc(_channel);
        Publisher = new EventPublisher(_channel.CreateCallInvoker(), "pubsub", null);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_appPort}") };
    }
}
