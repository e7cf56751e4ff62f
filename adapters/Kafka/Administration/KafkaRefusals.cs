using Confluent.Kafka;
using Confluent.Kafka.Admin;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>The brokers' refusals of administrative requests in our words.</summary>
internal static class KafkaRefusals
{
    /// <summary>Runs a request; its error becomes an <see cref="AdminException"/>.</summary>
    public static async Task GuardAsync(string what, Func<Task> request) => await GuardAsync(what, async () =>
    {
        await request();
        return true;
    });

    public static async Task<T> GuardAsync<T>(string what, Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (KafkaException e)
        {
            throw Of(what, e);
        }
    }

    public static AdminException Of(string what, KafkaException exception)
    {
        var error = Error(exception);
        var refusal = error.Code switch
        {
            ErrorCode.UnknownTopicOrPart or ErrorCode.GroupIdNotFound or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition => AdminRefusal.NotFound,
            ErrorCode.TopicAlreadyExists or ErrorCode.NonEmptyGroup or ErrorCode.GroupSubscribedToTopic => AdminRefusal.Conflict,
            ErrorCode.InvalidConfig or ErrorCode.InvalidPartitions or ErrorCode.InvalidReplicationFactor or ErrorCode.InvalidRequest or ErrorCode.TopicException or ErrorCode.PolicyViolation or ErrorCode.Local_InvalidArg => AdminRefusal.Invalid,
            ErrorCode.UnsupportedVersion or ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedForMessageFormat => AdminRefusal.Unsupported,
            _ => AdminRefusal.Failed,
        };
        var cure = refusal switch
        {
            AdminRefusal.NotFound => "expected one that exists; check the name",
            AdminRefusal.Conflict => "expected none in the way; choose another name, or stop the consumers",
            AdminRefusal.Invalid => "expected a request the brokers accept; correct it",
            AdminRefusal.Unsupported => "expected brokers that know this request; update them, or use their own tools",
            _ => "expected the brokers' answer; check that they are up and that this user may ask",
        };
        return new AdminException(refusal, $"{what}: found {error.Reason.TrimEnd('.')} ({error.Code}); {cure}.", exception);
    }

    /// <summary>The error of the one thing that was asked about, not the sum over all.</summary>
    private static Error Error(KafkaException exception) => exception switch
    {
        CreateTopicsException e => e.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        DeleteTopicsException e => e.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        CreatePartitionsException e => e.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        DescribeConfigsException e => e.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        IncrementalAlterConfigsException e => e.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        DescribeConsumerGroupsException e => e.Results.ConsumerGroupDescriptions.Select(result => result.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        AlterConsumerGroupOffsetsException e => e.Results.SelectMany(result => result.Partitions).Select(partition => partition.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        ListConsumerGroupOffsetsException e => e.Results.SelectMany(result => result.Partitions).Select(partition => partition.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        ListOffsetsException e => e.Result.ResultInfos.Select(info => info.TopicPartitionOffsetError.Error).FirstOrDefault(error => error.IsError) ?? e.Error,
        _ => exception.Error,
    };
}
