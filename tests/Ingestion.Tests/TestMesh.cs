using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Pipelines;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>The service with a real sidecar over in-memory components and a real schema registry.</summary>
internal sealed class TestMesh : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ingestion-mesh-").FullName;
    private readonly List<IAsyncDisposable> _owned = [];

    public IPubSubBroker Broker { get; private set; } = null!;

    public HttpClient Ingestion { get; private set; } = null!;

    public HttpClient Sidecar { get; private set; } = null!;

    public HttpClient Registry { get; private set; } = null!;

    /// <param name="wrap">Puts something between the sidecar and its broker.</param>
    public static async Task<TestMesh> StartAsync(PipelineDefinition pipeline, Func<IPubSubBroker, IPubSubBroker>? wrap = null)
    {
        var mesh = new TestMesh();
        await mesh.StartCoreAsync(pipeline, wrap ?? (static broker => broker));
        return mesh;
    }

    /// <summary>Every message of a topic, by partition and offset.</summary>
    public async Task<IReadOnlyList<DeliveredMessage>> MessagesAsync(string topic)
    {
        List<DeliveredMessage> messages = [];
        foreach (var partition in await Broker.GetWatermarksAsync(topic, default))
            messages.AddRange(await Broker.ReadAsync(topic, partition.Partition, partition.Low, int.MaxValue, default));
        return messages;
    }

    /// <summary>Asks until the answer pleases.</summary>
    public static async Task<JsonElement> UntilAsync(HttpClient client, string path, Func<JsonElement, bool> pleases)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var json = await client.GetFromJsonAsync<JsonElement>(path, limit.Token);
            if (pleases(json))
                return json;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }

    public static async Task HealthyAsync(HttpClient client, string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await client.GetAsync(path, limit.Token)).IsSuccessStatusCode)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _owned.Reverse();
        foreach (var owned in _owned)
        {
            if (owned is WebApplication app)
                await app.StopAsync();
            await owned.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartCoreAsync(PipelineDefinition pipeline, Func<IPubSubBroker, IPubSubBroker> wrap)
    {
        var appPort = FreePorts.Next();
        var context = new ComponentContext("ingestion", _folder, TimeProvider.System);
        var pubsub = new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["partitions"] = "4" } };
        var state = new ComponentSpec { Name = "statestore", Type = "state.in-memory" };
        Broker = Own(wrap((IPubSubBroker)await new InMemoryLogType().StartAsync(pubsub, context, default)));
        var store = Own(await new InMemoryStateType().StartAsync(state, context, default));
        var registry = Own(SchemaRegistryApp.Build(["--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", $"--MESH_DATA={_folder}", "--Logging:Console:LogLevel:Default=None"]));
        await registry.StartAsync();
        var sidecar = Own(SidecarApp.Build(
            new SidecarOptions { AppId = "ingestion", HttpPort = 0, GrpcPort = 0, AppPort = appPort },
            [new SidecarComponent(pubsub, Broker), new SidecarComponent(state, store)],
            TimeProvider.System,
            _ => { }));
        await sidecar.StartAsync();
        var ports = sidecar.Services.GetRequiredService<SidecarPorts>();
        var ingestion = Own(IngestionApp.Build(
            [$"--urls=http://127.0.0.1:{appPort}", "--MESH_IN_PROCESS=true", "--MESH_REPLAY=max", $"--DAPR_HTTP_PORT={ports.Http}", $"--DAPR_GRPC_PORT={ports.Grpc}", $"--SCHEMA_REGISTRY_URL={registry.Urls.First()}"],
            _ => [pipeline],
            services => services.RemoveAll<ILoggerProvider>()));
        await ingestion.StartAsync();
        Ingestion = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{appPort}") };
        Sidecar = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports.Http}") };
        Registry = new HttpClient { BaseAddress = new Uri(registry.Urls.First()) };
        await HealthyAsync(Ingestion, "/healthz");
        await HealthyAsync(Sidecar, "/v1.0/healthz");
    }

    private T Own<T>(T item)
        where T : IAsyncDisposable
    {
        _owned.Add(item);
        return item;
    }
}
