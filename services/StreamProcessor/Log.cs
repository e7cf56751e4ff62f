using Microsoft.Extensions.Logging;

namespace RealTimeMesh.StreamProcessor;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Topic {Topic}, partition {Partition}: the batch failed and will be delivered again")]
    public static partial void BatchFailed(this ILogger log, string topic, int partition, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Topic {Topic}, partition {Partition}: another instance stored a newer position; starting again from it")]
    public static partial void Fenced(this ILogger log, string topic, int partition);

    [LoggerMessage(3, LogLevel.Warning, "Topic {Topic}, partition {Partition}: {Count} event(s) quarantined, the first because {Reason}")]
    public static partial void Quarantined(this ILogger log, string topic, int partition, int count, string reason);

    [LoggerMessage(4, LogLevel.Information, "The state store does not answer yet ({Reason}); trying again")]
    public static partial void WaitingForState(this ILogger log, string reason);

    [LoggerMessage(5, LogLevel.Error, "The stored state of topic {Topic} cannot be used: {Reason}")]
    public static partial void StateUnusable(this ILogger log, string topic, string reason);

    [LoggerMessage(6, LogLevel.Error, "Topic {Topic}, partition {Partition}: the event at offset {Offset} cannot be applied and is given up")]
    public static partial void EventFailed(this ILogger log, string topic, int partition, long offset, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "Views {Views}: event time could not go on in partitions without events; trying again")]
    public static partial void PulseFailed(this ILogger log, string views, Exception exception);
}
