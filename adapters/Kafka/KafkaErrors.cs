using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>The client's errors in our words: thing, found, expected, cure.</summary>
internal static class KafkaErrors
{
    public static Exception Publish(string topic, Error error) => error.Code switch
    {
        ErrorCode.Local_QueueFull => new BrokerOverloadedException($"publish to '{topic}': found the producer's queue full; expected room for the message; publish less at once, or raise librdkafka.queue.buffering.max.kbytes."),
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge => new BrokerException($"publish to '{topic}': found a message that is too large ({error.Reason}); expected at most the producer's and the topic's limit; raise maxMessageBytes and the topic's max.message.bytes, or send less."),
        ErrorCode.Local_MsgTimedOut => new BrokerException($"publish to '{topic}': found no acknowledgement in time ({error.Reason}); expected one within librdkafka.message.timeout.ms; check that the partition's broker is up. The message may have been stored."),
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new BrokerException($"publish to '{topic}': found no right to write ({error.Reason}); expected one; grant it to this user."),
        ErrorCode.Local_UnknownPartition => new BrokerException($"publish to '{topic}': found a partition that the topic does not have ({error.Reason}); expected one that it has; correct partitionNumber."),
        _ => new BrokerException($"publish to '{topic}': found {error.Reason} ({error.Code}); expected the broker's acknowledgement; see the broker's log."),
    };

    public static BrokerException Unanswered(string what, Exception cause) =>
        new($"{what}: found {cause.Message}; expected the brokers' answer; check that they are up and that this user may ask.", cause);

    public static BrokerException UnknownTopic(string topic) =>
        new($"topic '{topic}': found none of this name; expected one that was created; check the name, create it, or let the brokers create topics by themselves.");

    public static BrokerException UnknownPartition(string topic, int partition, int count) =>
        new($"topic '{topic}': found partition {partition}; expected 0 to {count - 1}; choose one of these.");
}
