using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Lakehouse;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Table {Table}: nothing can be committed for topic {Topic}; {Count} deliveries are given back to be delivered again")]
    public static partial void CommitFailed(this ILogger log, string table, string topic, int count, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Table {Table}: another writer took the version ({Reason}); trying again from its snapshot")]
    public static partial void CommitConflict(this ILogger log, string table, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Topic {Topic}: {Count} event(s) could not be written and are quarantined, the first because {Reason}")]
    public static partial void Quarantined(this ILogger log, string topic, int count, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Commit {Version} of table {Table} could not be announced on topic {Topic}: {Reason}")]
    public static partial void NoticeFailed(this ILogger log, string table, long version, string topic, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{What}")]
    public static partial void TableFault(this ILogger log, string what, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "Table {Table}: columns {Columns} were added or widened by the contract")]
    public static partial void SchemaEvolved(this ILogger log, string table, string columns);

    [LoggerMessage(7, LogLevel.Information, "Table {Table}: {Task} {Outcome} in {Seconds:0.00} s ({Figures})")]
    public static partial void Maintained(this ILogger log, string table, string task, string outcome, double seconds, string figures);

    [LoggerMessage(8, LogLevel.Warning, "Table {Table}: {Task} {Outcome} and will be tried again later: {Reason}")]
    public static partial void MaintenanceFailed(this ILogger log, string table, string task, string outcome, string reason, Exception? exception);

    [LoggerMessage(9, LogLevel.Warning, "Table {Table} cannot be maintained: {Reason}")]
    public static partial void NotMaintained(this ILogger log, string table, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Topic {Topic}: field {Field} of schema id {SchemaId} gets no column: {Reason}")]
    public static partial void FieldLeftOut(this ILogger log, string topic, string field, int schemaId, string reason);
}
