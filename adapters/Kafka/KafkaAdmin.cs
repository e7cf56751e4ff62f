using Confluent.Kafka;
using Confluent.Kafka.Admin;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Questions about topics and groups, and moving a group.</summary>
internal sealed class KafkaAdmin(IAdminClient admin, TimeSpan timeout)
{
    public async Task<IReadOnlyList<PartitionWatermarks>> WatermarksAsync(string topic, int partitions, CancellationToken cancellationToken)
    {
        var low = await OffsetsAsync(topic, partitions, OffsetSpec.Earliest(), cancellationToken);
        var high = await OffsetsAsync(topic, partitions, OffsetSpec.Latest(), cancellationToken);
        return [.. Enumerable.Range(0, partitions).Select(p => new PartitionWatermarks(p, low[p], high[p]))];
    }

    /// <summary>The next offset of each partition.</summary>
    public Task<long[]> EndsAsync(string topic, int partitions, CancellationToken cancellationToken) =>
        OffsetsAsync(topic, partitions, OffsetSpec.Latest(), cancellationToken);

    /// <summary>The first offset of each partition whose record is not older than a time (ms since 1970); -1 where all are.</summary>
    public Task<long[]> AtAsync(string topic, int partitions, long timestamp, CancellationToken cancellationToken) =>
        OffsetsAsync(topic, partitions, OffsetSpec.ForTimestamp(timestamp), cancellationToken);

    public async Task<IReadOnlyDictionary<int, long>> CommittedAsync(string topic, int partitions, string group, CancellationToken cancellationToken)
    {
        try
        {
            var asked = new ConsumerGroupTopicPartitions(group, [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))]);
            var results = await admin.ListConsumerGroupOffsetsAsync([asked], new ListConsumerGroupOffsetsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken);
            return results[0].Partitions.Where(found => found.Offset.Value >= 0).ToDictionary(found => found.Partition.Value, found => found.Offset.Value);
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.Unanswered($"positions of group '{group}' on '{topic}'", e);
        }
    }

    /// <summary>The broker itself refuses to move a group that has members.</summary>
    public async Task MoveAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken)
    {
        try
        {
            var target = new ConsumerGroupTopicPartitionOffsets(group, [new TopicPartitionOffset(topic, partition, offset)]);
            await admin.AlterConsumerGroupOffsetsAsync([target], new AlterConsumerGroupOffsetsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken);
        }
        catch (AlterConsumerGroupOffsetsException e)
        {
            var error = e.Results.SelectMany(result => result.Partitions).Select(found => found.Error).FirstOrDefault(found => found.IsError) ?? e.Error;
            throw error.Code is ErrorCode.UnknownMemberId or ErrorCode.NonEmptyGroup or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress
                ? new BrokerException($"seek of group '{group}' on '{topic}': found members of the group consuming; expected none; stop its consumers first.", e)
                : KafkaErrors.Unanswered($"seek of group '{group}' on '{topic}' partition {partition} ({error.Code})", e);
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.Unanswered($"seek of group '{group}' on '{topic}' partition {partition}", e);
        }
    }

    private async Task<long[]> OffsetsAsync(string topic, int partitions, OffsetSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            var asked = Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, p), OffsetSpec = spec });
            var result = await admin.ListOffsetsAsync(asked, new ListOffsetsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken);
            var offsets = new long[partitions];
            foreach (var info in result.ResultInfos)
                offsets[info.TopicPartitionOffsetError.Partition.Value] = info.TopicPartitionOffsetError.Offset.Value;
            return offsets;
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.Unanswered($"offsets of '{topic}'", e);
        }
    }
}
