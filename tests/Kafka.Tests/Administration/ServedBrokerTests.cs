using RealTimeMesh.Components;
using RealTimeMesh.Testing;
using RealTimeMesh.Testing.KafkaProtocol;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>The suite of delivery over the broker that administration is tested with: its groups and records must be right too.</summary>
public sealed class ServedBrokerTests : BrokerComplianceSuite
{
    private readonly List<KafkaTestBroker> _servers = [];

    protected override string OddTopic => "a.-_Z";

    protected override int LargeValueBytes => 900_000;

    protected override Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time)
    {
        _servers.Add(new KafkaTestBroker(new KafkaTestBrokerOptions { Partitions = partitions }));
        return Brokers.StartAsync(_servers[^1].Bootstraps, new OutputLogs(), time);
    }

    protected override Task SettleAsync(int partitions, params IAsyncDisposable[] members) => Brokers.UntilAsync(
        () => members.Cast<KafkaSubscription>().All(member => member.Assignment.Count == partitions / members.Length),
        "the members to share the partitions");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }
}
