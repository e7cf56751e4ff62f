namespace RealTimeMesh.SchemaRegistry;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Schema registry opened {Path}: {Subjects} subjects, {Schemas} schemas")]
    public static partial void Opened(ILogger logger, string path, int subjects, int schemas);

    [LoggerMessage(2, LogLevel.Warning, "Schema registry {Path}: the last {Bytes} bytes are an entry that was never finished (its write was interrupted and never acknowledged); they were cut off")]
    public static partial void TornTail(ILogger logger, string path, long bytes);

    [LoggerMessage(3, LogLevel.Error, "Schema registry {Path}: an entry could not be stored; nothing was acknowledged")]
    public static partial void AppendFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(4, LogLevel.Information, "Schema registry {Folder}: another process writes; this one reads along and hands changes on to it")]
    public static partial void ReadsAlong(ILogger logger, string folder);

    [LoggerMessage(5, LogLevel.Information, "Schema registry {Folder}: the writing process is gone; this one writes now")]
    public static partial void TookOver(ILogger logger, string folder);

    [LoggerMessage(6, LogLevel.Warning, "Schema registry {Folder}: cannot take over writing; trying again")]
    public static partial void TakeOverFailed(ILogger logger, Exception exception, string folder);

    [LoggerMessage(7, LogLevel.Error, "Schema registry: {Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);
}
