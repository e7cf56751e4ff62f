using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sqlite;

internal static partial class Log
{
    [LoggerMessage(2301, LogLevel.Warning, "Database connection is being created with a _txlock different from the recommended value 'immediate'")]
    public static partial void UnusualLock(ILogger logger);

    [LoggerMessage(2302, LogLevel.Information, "Creating state table '{Table}'")]
    public static partial void CreatingTable(ILogger logger, string table);

    [LoggerMessage(2303, LogLevel.Information, "Schedule expired data clean up every {Interval}")]
    public static partial void CleanupScheduled(ILogger logger, TimeSpan interval);

    [LoggerMessage(2304, LogLevel.Information, "Removed {Count} expired rows")]
    public static partial void Removed(ILogger logger, int count);

    [LoggerMessage(2305, LogLevel.Error, "Error removing expired data")]
    public static partial void CleanupFailed(ILogger logger, Exception exception);
}
