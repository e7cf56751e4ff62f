using Microsoft.Extensions.Logging;

namespace RealTimeMesh.ServiceDefaults.Retries;

internal static partial class RetryLog
{
    [LoggerMessage(901, LogLevel.Warning, "Topic {Topic}: {Count} event(s) go to {Tier}, the first because {Reason}")]
    public static partial void Moved(this ILogger log, string topic, int count, string tier, string reason);

    [LoggerMessage(902, LogLevel.Warning, "Topic {Topic}: {Count} event(s) are dead letters, the first because {Reason}")]
    public static partial void GivenUp(this ILogger log, string topic, int count, string reason);

    [LoggerMessage(903, LogLevel.Error, "Topic {Topic}: {Count} event(s) come again, because they could not be put on {Target}")]
    public static partial void NotMoved(this ILogger log, string topic, int count, string target, Exception exception);

    [LoggerMessage(904, LogLevel.Warning, "Topic {Topic}: another instance changed which keys wait; {Count} event(s) come again")]
    public static partial void KeysChanged(this ILogger log, string topic, int count);

    [LoggerMessage(905, LogLevel.Error, "Topic {Topic}: the keys that wait no longer could not be stored; {Count} event(s) come again")]
    public static partial void KeysNotStored(this ILogger log, string topic, int count, Exception? exception);
}
