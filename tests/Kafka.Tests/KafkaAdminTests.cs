using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Administration over librdkafka's mock cluster.</summary>
public sealed class KafkaAdminTests : AdminComplianceSuite
{
    private readonly MockCluster _cluster = new();
    private int _partitions;

    protected override bool AltersTopics => false;

    protected override bool ListsGroups => false;

    protected override bool EmptiesGroups => false;

    protected override bool KeepsGivenTime => false;

    protected override Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time)
    {
        _partitions = partitions;
        return Brokers.StartAsync(_cluster, time);
    }

    protected override Task EnsureTopicAsync(IPubSubBroker broker, string topic)
    {
        _cluster.CreateTopic(topic, _partitions);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _cluster.Dispose();
    }
}
