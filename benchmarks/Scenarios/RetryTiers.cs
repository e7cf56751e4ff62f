using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.RocksDb;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.ServiceDefaults.Retries;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>Events that all fail once and come back by a tier, beside the same events delivered directly and by a topic with retries that none needs.</summary>
internal sealed class RetryTiers : IScenario
{
    private const int Events = 50_000;
    private const int EventBytes = 200;
    private const int Batch = 1_000;
    private const string PubSub = "pubsub";
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);

    public string Name => "retries";

    public string Description => "events through a retry tier, beside direct delivery";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("retries-").FullName;
        try
        {
            var spec = new ComponentSpec { Name = PubSub, Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = "4" } };
            var broker = await new RocksDbPubSubType().StartAsync(spec, new ComponentContext("billing", folder, TimeProvider.System), cancellationToken);
            var port = FreePorts.Next();
            await using var sidecar = SidecarApp.Build(new SidecarOptions { AppId = "billing", HttpPort = 0, GrpcPort = 0, AppPort = port }, [new SidecarComponent(spec, broker)], TimeProvider.System, static _ => { });
            await sidecar.StartAsync(cancellationToken);
            var ports = sidecar.Services.GetRequiredService<SidecarPorts>();
            Topic[] topics = [new("direct"), new("retried"), new("tiers")];
            await using var app = await StartAppAsync(port, ports, topics, cancellationToken);
            using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{ports.Grpc}");
            var publisher = new RetryPublisher(new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel), PubSub, null);
            // Once for nothing: code is compiled and topics are made.
            foreach (var topic in topics)
                await RunAsync(topic, publisher, Events / 10, cancellationToken);
            foreach (var topic in topics)
            {
                var elapsed = await RunAsync(topic, publisher, Events, cancellationToken);
                _values[$"{topic.Name}.elapsed_s"] = elapsed.TotalSeconds;
                _values[$"{topic.Name}.events_per_s"] = Events / (topic.Name == "tiers" ? elapsed - Delay : elapsed).TotalSeconds;
            }

            await app.StopAsync(cancellationToken);
            await sidecar.StopAsync(cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return new BenchmarkReport(
            Name, _values,
            $"{Events:N0} events of {EventBytes} bytes, published in batches of {Batch:N0} and handled, on 4 partitions of the synced embedded log; log, sidecar, app and client in one process. direct: a bulk topic; retried: a topic with retries, of which none is needed; tiers: every event fails once and comes back by a tier, whose {Delay.TotalSeconds:0} s are taken off.");
    }

    private static async Task<WebApplication> StartAppAsync(int port, SidecarPorts ports, Topic[] topics, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls=http://127.0.0.1:{port}", $"--DAPR_GRPC_PORT={ports.Grpc}", $"--DAPR_HTTP_PORT={ports.Http}", "--APP_ID=billing", "--MESH_IN_PROCESS=true"]);
        builder.AddServiceDefaults("Billing");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var (direct, retried, tiers) = (topics[0], topics[1], topics[2]);
        app.MapBulkTopic(PubSub, direct.Name, "/direct", Batch, TimeSpan.FromMilliseconds(20), (delivery, _) =>
        {
            foreach (var item in delivery.Events)
                direct.Handled(item.IdText);
            return Task.FromResult<IReadOnlyList<DeliveryStatus>>(new DeliveryStatus[delivery.Events.Count]);
        });
        app.MapTopic(retried.Name, "/retried", new RetryOptions { Tiers = [Delay] }, (item, _) =>
        {
            retried.Handled(item.IdText);
            return Task.FromResult(Handled.Success);
        });
        app.MapTopic(tiers.Name, "/tiers", new RetryOptions { Tiers = [Delay] }, (item, _) =>
        {
            if (item.Header("mesh-retry-at"u8) is null)
                return Task.FromResult(Handled.Transient("not yet"));
            tiers.Handled(item.IdText);
            return Task.FromResult(Handled.Success);
        });
        app.MapServiceDefaults();
        await app.StartAsync(cancellationToken);
        return app;
    }

    /// <summary>From the first event's publish to the last one's being handled.</summary>
    private static async Task<TimeSpan> RunAsync(Topic topic, RetryPublisher publisher, int events, CancellationToken cancellationToken)
    {
        var payload = new byte[EventBytes];
        var began = TimeProvider.System.GetTimestamp();
        var done = topic.Expect(events);
        foreach (var chunk in Enumerable.Range(0, events).Chunk(Batch))
            await publisher.PublishAsync(topic.Name, [.. chunk.Select(n => new RetriedEvent($"k{n % 1_000}", payload, [new("ce_id", $"{n}"), new("ce_source", "/bench")]))], cancellationToken);
        await done.WaitAsync(Limit, cancellationToken);
        return TimeProvider.System.GetElapsedTime(began);
    }

    private sealed class Topic(string name)
    {
        private readonly Lock _lock = new();
        private readonly HashSet<string> _open = [];
        private TaskCompletionSource _done = new();

        public string Name => name;

        public Task Expect(int events)
        {
            lock (_lock)
            {
                _open.UnionWith(Enumerable.Range(0, events).Select(n => $"{n}"));
                _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _done.Task;
            }
        }

        /// <summary>A repeated event counts once.</summary>
        public void Handled(string id)
        {
            lock (_lock)
            {
                if (_open.Remove(id) && _open.Count == 0)
                    _done.TrySetResult();
            }
        }
    }
}
