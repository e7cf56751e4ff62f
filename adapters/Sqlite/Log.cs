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

    [LoggerMessage(2306, LogLevel.Warning, "Configuring name resolution with an in-memory SQLite database. Service invocation across different apps will not work.")]
    public static partial void HostsInMemory(ILogger logger);

    [LoggerMessage(2307, LogLevel.Information, "Configuring SQLite name resolution with path {Path}")]
    public static partial void HostsPath(ILogger logger, string path);

    [LoggerMessage(2308, LogLevel.Information, "Creating hosts table '{Table}'")]
    public static partial void CreatingHosts(ILogger logger, string table);

    [LoggerMessage(2309, LogLevel.Error, "Failed to update host registration: {Cause}")]
    public static partial void HostNotRenewed(ILogger logger, string cause);

    [LoggerMessage(2310, LogLevel.Error, "failed to unregister host: {Cause}")]
    public static partial void HostNotRemoved(ILogger logger, string cause);
}
