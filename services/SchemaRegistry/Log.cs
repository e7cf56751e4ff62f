namespace RealTimeMesh.SchemaRegistry;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Schema registry opened {Path}: {Subjects} subjects, {Schemas} schemas")]
    public static partial void Opened(ILogger logger, string path, int subjects, int schemas);

    [LoggerMessage(2, LogLevel.Warning, "Schema registry {Path}: the last {Bytes} bytes are an entry that was never finished (its write was interrupted and never acknowledged); they were cut off")]
    public static partial void TornTail(ILogger logger, string path, long bytes);

    [LoggerMessage(3, LogLevel.Error, "Schema registry {Path}: an entry could not be stored; nothing was acknowledged")]
    public static partial void AppendFailed(ILogger logger, Exception exception, string path);
}
