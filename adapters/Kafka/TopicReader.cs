using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Reads stored messages of one partition without a group.</summary>
internal sealed class TopicReader(ClientFactory clients, KafkaHeaders headers, TimeSpan timeout, TimeProvider time)
{
    /// <summary>At most <paramref name="count"/> messages from an offset on, none at or beyond <paramref name="end"/>. Blocks; give it a thread of its own.</summary>
    public List<DeliveredMessage> Read(string topic, int partition, long offset, long end, int count, CancellationToken cancellationToken)
    {
        var messages = new List<DeliveredMessage>();
        if (offset >= end || count == 0)
            return messages;
        // The group is only a name here: nothing is committed, no group is joined.
        var builder = clients.Consumer("realtimemesh-browse", fromOldest: true, static _ => { });
        using var consumer = clients.Build(builder.Build);
        consumer.Assign(new TopicPartitionOffset(topic, partition, offset));
        var began = time.GetTimestamp();
        while (messages.Count < count && time.GetElapsedTime(began) < timeout)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (consumer.Consume(20) is { } result)
            {
                if (result.Offset.Value >= end)
                    break;
                messages.Add(Delivered.From(result, headers));
                if (result.Offset.Value == end - 1)
                    break;
            }
            else if (consumer.Position(new TopicPartition(topic, partition)).Value >= end)
            {
                // Compaction and transactions leave gaps: the last offset may hold no message.
                break;
            }
        }

        consumer.Unassign();
        return messages;
    }
}

/// <summary>A consumed message as a subscriber gets it.</summary>
internal static class Delivered
{
    public static DeliveredMessage From(ConsumeResult<byte[]?, byte[]?> result, KafkaHeaders headers) => new(
        result.Offset.Value,
        result.Message.Timestamp.UnixTimestampMs,
        headers.KeyFrom(result.Message.Key),
        result.Message.Value ?? Tombstone,
        headers.FromKafka(result.Message.Headers));

    /// <summary>A record without a value is a JSON null to the app.</summary>
    public static byte[] Tombstone { get; } = "null"u8.ToArray();
}
