using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Error, "Handler failed on {Topic}/{Partition} of group {Group} for {Count} messages from offset {Offset}; they come again")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string topic, int partition, string group, long offset, int count);

    [LoggerMessage(2002, LogLevel.Error, "Cannot read {Topic}/{Partition} at offset {Offset} for group {Group}; the partition is held back")]
    public static partial void ReadFailed(ILogger logger, Exception exception, string topic, int partition, long offset, string group);

    [LoggerMessage(2003, LogLevel.Warning, "Cannot commit offset {Offset} of {Topic}/{Partition} for group {Group}; messages come again after a restart")]
    public static partial void CommitFailed(ILogger logger, Exception exception, string topic, int partition, string group, long offset);

    [LoggerMessage(2004, LogLevel.Warning, "Group {Group} fell behind the retention of {Topic}/{Partition}: offsets {Position} to {Low} are gone")]
    public static partial void PositionFellBehind(ILogger logger, string topic, int partition, string group, long position, long low);

    [LoggerMessage(2005, LogLevel.Error, "Handler of group {Group} on {Topic}/{Partition} refused messages {First} to {Last} of a batch of {Count}; all come again")]
    public static partial void RefusalOutOfRange(ILogger logger, string topic, int partition, string group, int first, int last, int count);

    [LoggerMessage(2020, LogLevel.Warning, "{Kind} {Name} references a secret store that isn't loaded: {Store}")]
    public static partial void SecretStoreNotLoaded(ILogger logger, string kind, string name, string store);

    [LoggerMessage(2021, LogLevel.Error, "Error getting secret: {Error}")]
    public static partial void SecretFailed(ILogger logger, string error);

    [LoggerMessage(2022, LogLevel.Warning, "{Kind} {Name} references an env variable that isn't allowed: {Variable}")]
    public static partial void VariableNotAllowed(ILogger logger, string kind, string name, string variable);

    [LoggerMessage(2023, LogLevel.Warning, "Access to env var {Variable} is forbidden")]
    public static partial void VariableForbidden(ILogger logger, string variable);

    [LoggerMessage(2006, LogLevel.Error, "A message of topic {Topic} was refused by its subscription; an in-memory bus delivers once only")]
    public static partial void MessageLost(ILogger logger, string topic);

    [LoggerMessage(2007, LogLevel.Error, "The subscription of topic {Topic} failed on a message; an in-memory bus delivers once only")]
    public static partial void MessageLostByFailure(ILogger logger, Exception exception, string topic);
}
