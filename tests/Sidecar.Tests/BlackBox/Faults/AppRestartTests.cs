using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>The app goes away in the midst of deliveries and comes back on its port.</summary>
public sealed class AppRestartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("faults-").FullName;

    private string Broker => Manifests.Component(FaultRun.PubSub, "pubsub.rocksdb", ("path", _folder), ("partitions", "3"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory(Timeout = 600_000)]
    [InlineData(7)]
    public async Task Http_app_killed_and_started_again_gets_everything_in_order(int seed)
    {
        var ledger = new DeliveryLedger();
        await using var app = await LedgerApp.StartAsync(ledger);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Resources = [Broker] });
        await new FaultRun { Daprd = daprd, Ledger = ledger, Seed = seed, Faults = 3 }.RunAsync(app.KillAsync, app.StartAsync);
    }

    [Theory(Timeout = 600_000)]
    [InlineData(8)]
    public async Task Grpc_app_killed_and_started_again_gets_everything_in_order(int seed)
    {
        var ledger = new DeliveryLedger();
        var port = FreePorts.Next();
        await using var app = new GrpcTestApp
        {
            ListTopicSubscriptions = _ => Task.FromResult(new ListTopicSubscriptionsResponse
            {
                Subscriptions = { new TopicSubscription { PubsubName = FaultRun.PubSub, Topic = FaultRun.Topic, Routes = new TopicRoutes { Default = "/numbers" } } },
            }),
            OnTopicEvent = (request, _) =>
            {
                using var data = JsonDocument.Parse(request.Data.Memory);
                ledger.Record(data.RootElement);
                return Task.FromResult(new TopicEventResponse());
            },
        };
        await app.StartAsync(port);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = port, AppProtocol = "grpc", Resources = [Broker] });
        await new FaultRun { Daprd = daprd, Ledger = ledger, Seed = seed, Faults = 3 }.RunAsync(app.StopAsync, () => app.StartAsync(port));
    }
}
