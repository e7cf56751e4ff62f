using Microsoft.Extensions.Logging;

namespace RealTimeMesh.DeadLetters;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "dead-letter topics cannot be looked for: {Error}; trying again")]
    public static partial void TopicsNotFound(ILogger logger, string error);

    [LoggerMessage(2, LogLevel.Warning, "{Count} letters of '{Topic}' are not kept yet: {Error}; they come again")]
    public static partial void NotCollected(ILogger logger, int count, string topic, string error);

    [LoggerMessage(3, LogLevel.Warning, "old letters cannot be dropped: {Error}; trying again")]
    public static partial void NotTrimmed(ILogger logger, string error);

    [LoggerMessage(4, LogLevel.Warning, "dead letters rise: {Rule} on {Scope}: {Rate} a minute, beyond {Threshold}")]
    public static partial void AlertRaised(ILogger logger, string rule, string scope, double rate, double threshold);

    [LoggerMessage(5, LogLevel.Information, "dead letters fell: {Rule} on {Scope}: {Rate} a minute")]
    public static partial void AlertCleared(ILogger logger, string rule, string scope, double rate);

    [LoggerMessage(6, LogLevel.Warning, "webhook {Url} did not take an alert after {Attempts} attempts: {Error}")]
    public static partial void WebhookFailed(ILogger logger, Uri url, int attempts, string error);

    [LoggerMessage(7, LogLevel.Warning, "alerts cannot be judged: {Error}; trying again")]
    public static partial void AlertsNotJudged(ILogger logger, string error);

    [LoggerMessage(8, LogLevel.Information, "{Kind} {Job} goes on where the process before ended: {Done} of {Total} letters done")]
    public static partial void JobResumed(ILogger logger, string kind, string job, long done, long total);

    [LoggerMessage(10, LogLevel.Warning, "dead-letter topic '{Topic}' was made again: partition {Partition} was collected up to {Position} and has other records now; it is collected from its oldest record on")]
    public static partial void TopicMadeAgain(ILogger logger, string topic, int partition, long position);

    [LoggerMessage(9, LogLevel.Warning, "job {Job} was cut short and does not go on: {Error}; it stands as paused")]
    public static partial void JobNotResumed(ILogger logger, string job, string error);
}
