using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>The suite over librdkafka's mock cluster.</summary>
public sealed class KafkaBrokerTests : BrokerComplianceSuite
{
    private readonly MockCluster _cluster = new();
    private int _partitions;

    /// <summary>A partition of the mock cluster keeps 5 MiB in all.</summary>
    protected override int LargeValueBytes => 3 * 1024 * 1024;

    protected override Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time)
    {
        _partitions = partitions;
        return Brokers.StartAsync(_cluster, time, ("maxMessageBytes", "6000000"));
    }

    protected override Task EnsureTopicAsync(IPubSubBroker broker, string topic)
    {
        _cluster.CreateTopic(topic, _partitions);
        return Task.CompletedTask;
    }

    protected override Task SettleAsync(int partitions, params IAsyncDisposable[] members) => Brokers.UntilAsync(
        () => members.Cast<KafkaSubscription>().All(member => member.Assignment.Count == partitions / members.Length),
        "the members to share the partitions");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _cluster.Dispose();
    }
}
