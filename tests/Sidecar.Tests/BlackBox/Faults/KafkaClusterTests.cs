using RealTimeMesh.Kafka.Tests;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>Brokers of a Kafka cluster that go down and come back beneath a running sidecar.</summary>
public sealed class KafkaClusterTests
{
    [Theory(Timeout = 600_000)]
    [InlineData(31)]
    public async Task Brokers_that_go_down_and_come_back_lose_no_acknowledged_event_and_keep_the_order_of_keys(int seed)
    {
        using var cluster = new MockCluster(brokers: 2);
        cluster.CreateTopic(FaultRun.Topic, 4);
        var ledger = new DeliveryLedger();
        await using var app = await LedgerApp.StartAsync(ledger);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Resources = [Manifests.Component(FaultRun.PubSub, "pubsub.kafka", ("brokers", cluster.Bootstraps), ("authType", "none"), ("initialOffset", "oldest"), ("consumerGroup", "g"))],
        });
        var random = new Random(seed);
        var broker = 0;
        await new FaultRun { Daprd = daprd, Ledger = ledger, Seed = seed, LongestBreak = TimeSpan.FromSeconds(1.5) }.RunAsync(
            () =>
            {
                broker = random.Next(1, 3);
                cluster.SetDown(broker);
                return Task.CompletedTask;
            },
            () =>
            {
                cluster.SetUp(broker);
                return Task.CompletedTask;
            });
    }
}
