using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Kafka;

internal static partial class Log
{
    [LoggerMessage(2401, LogLevel.Debug, "librdkafka {Client}: {Facility}: {Message}")]
    public static partial void Native(ILogger logger, string client, string facility, string message);

    [LoggerMessage(2402, LogLevel.Warning, "Kafka client {Client}: {Reason} ({Code})")]
    public static partial void ClientError(ILogger logger, string client, string reason, string code);

    [LoggerMessage(2403, LogLevel.Error, "Kafka client {Client} cannot go on: {Reason} ({Code}); it is replaced")]
    public static partial void ClientFatal(ILogger logger, string client, string reason, string code);

    [LoggerMessage(2404, LogLevel.Information, "Group {Group} got {Partitions} of {Topic}")]
    public static partial void Assigned(ILogger logger, string group, string topic, string partitions);

    [LoggerMessage(2405, LogLevel.Information, "Group {Group} gave {Partitions} of {Topic} back")]
    public static partial void Revoked(ILogger logger, string group, string topic, string partitions);

    [LoggerMessage(2406, LogLevel.Warning, "Group {Group} lost {Partitions} of {Topic}: the broker gave them to others; what was not committed comes again there")]
    public static partial void Lost(ILogger logger, string group, string topic, string partitions);

    [LoggerMessage(2407, LogLevel.Error, "Handler failed on {Topic}/{Partition} of group {Group} for {Count} messages from offset {Offset}; they come again")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string topic, int partition, string group, long offset, int count);

    [LoggerMessage(2408, LogLevel.Error, "Handler of group {Group} on {Topic}/{Partition} refused messages {First} to {Last} of a batch of {Count}; all come again")]
    public static partial void RefusalOutOfRange(ILogger logger, string topic, int partition, string group, int first, int last, int count);

    [LoggerMessage(2409, LogLevel.Error, "{Count} messages of {Topic}/{Partition} from offset {Offset} were refused by group {Group}; consumeRetryEnabled is false, so they do not come again")]
    public static partial void RefusedForGood(ILogger logger, int count, string topic, int partition, long offset, string group);

    [LoggerMessage(2410, LogLevel.Warning, "Cannot commit {Topic} for group {Group}: {Reason}; it is tried again, but a restart before that delivers messages again")]
    public static partial void CommitFailed(ILogger logger, string topic, string group, string reason);

    [LoggerMessage(2419, LogLevel.Warning, "Group {Group} gave partitions of {Topic} back without the commit of what it handled: {Reason}; the next owner delivers those messages again")]
    public static partial void CommitRefused(ILogger logger, string topic, string group, string reason);

    [LoggerMessage(2420, LogLevel.Debug, "A commit of {Topic} for group {Group} is put off: {Reason}")]
    public static partial void CommitPutOff(ILogger logger, string topic, string group, string reason);

    [LoggerMessage(2411, LogLevel.Error, "Cannot read {Topic} for group {Group}: {Reason} ({Code}); the read is tried again")]
    public static partial void ReadFailed(ILogger logger, string topic, string group, string reason, string code);

    [LoggerMessage(2412, LogLevel.Error, "A handler of group {Group} on {Topic}/{Partition} still ran after {Limit} when the partition was called back; it was cancelled")]
    public static partial void HandlerOverstayed(ILogger logger, string topic, int partition, string group, TimeSpan limit);

    [LoggerMessage(2413, LogLevel.Error, "The consumer of group {Group} on {Topic} failed; a new one begins in {Pause}")]
    public static partial void ConsumerFailed(ILogger logger, Exception exception, string topic, string group, TimeSpan pause);

    [LoggerMessage(2414, LogLevel.Warning, "The consumer of group {Group} on {Topic} did not leave its group within {Limit}; it is left to end by itself")]
    public static partial void LeaveOverdue(ILogger logger, string topic, string group, TimeSpan limit);

    [LoggerMessage(2415, LogLevel.Error, "Cannot decode a value of {Topic}/{Partition} at offset {Offset} for group {Group}; the partition is held back")]
    public static partial void DecodeFailed(ILogger logger, Exception exception, string topic, int partition, string group, long offset);

    [LoggerMessage(2416, LogLevel.Warning, "Cannot tell where group {Group} stands on {Topic}: {Reason}; partitions without a commit begin at their end")]
    public static partial void StartUnknown(ILogger logger, string topic, string group, string reason);

    [LoggerMessage(2417, LogLevel.Warning, "Messages may be lost: producerRequiredAcks is none, so the broker acknowledges nothing")]
    public static partial void NoAcknowledgement(ILogger logger);

    [LoggerMessage(2418, LogLevel.Warning, "The server's certificate is not verified: skipVerify is true")]
    public static partial void NotVerified(ILogger logger);
}
