using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Console;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Service} is not answering at {Url}: {Reason}")]
    public static partial void NotAnswering(this ILogger log, string service, Uri url, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Service} answers again after {Seconds:0.0} s")]
    public static partial void AnswersAgain(this ILogger log, string service, double seconds);

    [LoggerMessage(3, LogLevel.Error, "a snapshot could not be made; the page shows the one before")]
    public static partial void SnapshotFailed(this ILogger log, Exception exception);
}
