using Microsoft.Extensions.Logging;

namespace RealTimeMesh.RocksDb;

internal static partial class Log
{
    [LoggerMessage(2101, LogLevel.Error, "Cannot write {Publishes} publishes; none of them is acknowledged")]
    public static partial void WriteFailed(ILogger logger, Exception exception, int publishes);

    [LoggerMessage(2102, LogLevel.Warning, "The log was opened again after a failed write")]
    public static partial void Reopened(ILogger logger);

    [LoggerMessage(2103, LogLevel.Error, "Cannot apply the retention of {Topic}/{Partition}")]
    public static partial void RetentionFailed(ILogger logger, Exception exception, string topic, int partition);

    [LoggerMessage(2104, LogLevel.Information, "Retention took offsets {Low} to {Kept} of {Topic}/{Partition} away")]
    public static partial void Trimmed(ILogger logger, string topic, int partition, long low, long kept);
}
