using Confluent.Kafka;
using Confluent.Kafka.Admin;
using RealTimeMesh.Components;
using MemberDescription = RealTimeMesh.Components.MemberDescription;

namespace RealTimeMesh.Kafka;

/// <summary>Consumer groups of a cluster, their members and positions.</summary>
internal sealed class KafkaGroups(IAdminClient admin, TimeSpan timeout)
{
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var result = await KafkaRefusals.GuardAsync("groups", () => admin.ListConsumerGroupsAsync(new ListConsumerGroupsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken));
        return [.. result.Valid.Select(group => group.GroupId).Order(StringComparer.Ordinal)];
    }

    /// <summary>A group; null where no broker knows it.</summary>
    public async Task<GroupDescription?> FindAsync(string group, CancellationToken cancellationToken)
    {
        try
        {
            var result = await admin.DescribeConsumerGroupsAsync([group], new DescribeConsumerGroupsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken);
            var found = result.ConsumerGroupDescriptions[0];
            // Brokers describe a group they never heard of as dead and empty.
            return found.State == ConsumerGroupState.Dead && found.Members.Count == 0
                ? null
                : new GroupDescription(group, $"{found.State}", [.. found.Members.Select(member => new MemberDescription(
                    member.ConsumerId, member.ClientId, member.Host, [.. member.Assignment.TopicPartitions.Select(place => new AssignedPartition(place.Topic, place.Partition.Value))]))]);
        }
        catch (KafkaException e)
        {
            var refused = KafkaRefusals.Of($"group '{group}'", e);
            return refused.Refusal switch
            {
                AdminRefusal.NotFound => null,
                // Without members to be told, its positions still are.
                AdminRefusal.Unsupported => new GroupDescription(group, "Unknown", []),
                _ => throw refused,
            };
        }
    }

    /// <summary>Positions on these partitions, or on all (an empty list); null where this broker cannot be asked for all.</summary>
    public async Task<IReadOnlyList<GroupPosition>?> PositionsAsync(string group, List<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        try
        {
            var asked = new ConsumerGroupTopicPartitions(group, partitions.Count == 0 ? null : partitions);
            var results = await admin.ListConsumerGroupOffsetsAsync([asked], new ListConsumerGroupOffsetsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken);
            var found = results[0].Partitions.Where(place => place.Offset.Value >= 0)
                .Select(place => new GroupPosition(place.Topic, place.Partition.Value, place.Offset.Value))
                .OrderBy(position => position.Topic, StringComparer.Ordinal).ThenBy(position => position.Partition).ToArray();
            return found.Length == 0 && partitions.Count == 0 ? null : found;
        }
        catch (KafkaException e)
        {
            throw KafkaRefusals.Of($"positions of group '{group}'", e);
        }
    }

    /// <summary>The brokers themselves refuse to move a group that has members: then this is false.</summary>
    public async Task<bool> MoveAsync(string group, IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken)
    {
        try
        {
            var targets = new ConsumerGroupTopicPartitionOffsets(group, [.. positions.Select(position => new TopicPartitionOffset(position.Topic, position.Partition, position.Offset))]);
            await admin.AlterConsumerGroupOffsetsAsync([targets], new AlterConsumerGroupOffsetsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken);
            return true;
        }
        catch (AlterConsumerGroupOffsetsException e) when (Refusals(e).Any(error => error.Code is ErrorCode.UnknownMemberId or ErrorCode.NonEmptyGroup or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress))
        {
            return false;
        }
        catch (KafkaException e)
        {
            throw KafkaRefusals.Of($"positions of group '{group}'", e);
        }
    }

    private static IEnumerable<Error> Refusals(AlterConsumerGroupOffsetsException exception) =>
        exception.Results.SelectMany(result => result.Partitions).Select(partition => partition.Error).Append(exception.Error);
}
