namespace RealTimeMesh.SparkJobs;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Built {Pipeline}.{Table} version {Version}: {RowsRead} rows read, {RowsWritten} written in {Milliseconds} ms")]
    public static partial void TableBuilt(ILogger logger, string pipeline, string table, long version, long rowsRead, long rowsWritten, double milliseconds);

    [LoggerMessage(2, LogLevel.Error, "Build of {Pipeline}.{Table} failed and is tried again later: {Error}")]
    public static partial void BuildFailed(ILogger logger, string pipeline, string table, string error, Exception? exception);

    [LoggerMessage(3, LogLevel.Debug, "Loaded {Pipeline}.{Table} to {Target} version {Version}: {Rows} rows in {Milliseconds} ms")]
    public static partial void TableLoaded(ILogger logger, string pipeline, string table, string target, long version, long rows, double milliseconds);

    [LoggerMessage(4, LogLevel.Error, "Load of {Pipeline}.{Table} to {Target} failed and is tried again later: {Error}")]
    public static partial void LoadFailed(ILogger logger, string pipeline, string table, string target, string error, Exception? exception);

    [LoggerMessage(5, LogLevel.Warning, "A commit notice names the unknown pipeline '{Pipeline}'")]
    public static partial void UnknownPipeline(ILogger logger, string pipeline);
}
