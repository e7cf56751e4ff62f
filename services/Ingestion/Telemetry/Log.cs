using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Ingestion.Telemetry;

/// <summary>Every message this service logs.</summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "stream '{topic}': contract registered as id {schemaId}")]
    public static partial void ContractRegistered(ILogger logger, string topic, int schemaId);

    [LoggerMessage(102, LogLevel.Warning, "stream '{topic}': not ready: {reason}; trying again in {delay}")]
    public static partial void StreamNotReady(ILogger logger, string topic, string reason, TimeSpan delay);

    [LoggerMessage(103, LogLevel.Warning, "the service could not warm up; its first requests are slower")]
    public static partial void NotWarm(ILogger logger, Exception exception);

    [LoggerMessage(201, LogLevel.Warning, "topic '{topic}': publish failed: {reason}; {count} events were not acknowledged")]
    public static partial void PublishFailed(ILogger logger, string topic, string reason, int count);

    [LoggerMessage(202, LogLevel.Error, "topic '{topic}': publishing failed unexpectedly")]
    public static partial void PublisherFaulted(ILogger logger, Exception exception, string topic);

    [LoggerMessage(301, LogLevel.Warning, "ledger '{key}': cannot be stored: {reason}; acknowledgements wait, trying again in {delay}")]
    public static partial void LedgerNotStored(ILogger logger, string key, string reason, TimeSpan delay);

    [LoggerMessage(401, LogLevel.Information, "source '{source}': starts at row {row}")]
    public static partial void SourceStarted(ILogger logger, string source, long row);

    [LoggerMessage(402, LogLevel.Information, "source '{source}': done after {rows} rows, {rejected} of them rejected")]
    public static partial void SourceDone(ILogger logger, string source, long rows, long rejected);

    [LoggerMessage(403, LogLevel.Error, "source '{source}': {reason}; trying again in {delay}")]
    public static partial void SourceFailed(ILogger logger, Exception? exception, string source, string reason, TimeSpan delay);

    [LoggerMessage(404, LogLevel.Warning, "source '{source}': publish failed: {reason}; trying again in {delay}")]
    public static partial void SourcePublishFailed(ILogger logger, string source, string reason, TimeSpan delay);

    [LoggerMessage(411, LogLevel.Information, "source '{source}': takes {count} files, the first is '{first}'")]
    public static partial void FilesTaken(ILogger logger, string source, int count, string first);

    [LoggerMessage(412, LogLevel.Warning, "source '{source}': {reason}; the rest of the file is given up as a dead letter")]
    public static partial void FileSkipped(ILogger logger, string source, string reason);

    [LoggerMessage(413, LogLevel.Warning, "source '{source}': file '{file}' cannot be moved or deleted: {reason}; trying again with the next listing")]
    public static partial void FileNotPutAway(ILogger logger, string source, string file, string reason);

    [LoggerMessage(414, LogLevel.Warning, "journal '{key}': cannot be stored: {reason}; no new file is read, trying again in {delay}")]
    public static partial void JournalNotStored(ILogger logger, string key, string reason, TimeSpan delay);

    [LoggerMessage(415, LogLevel.Information, "folder '{folder}': the file system tells of no changes: {reason}; the folder is listed every {poll}")]
    public static partial void FolderNotWatched(ILogger logger, string folder, string reason, TimeSpan poll);

    [LoggerMessage(501, LogLevel.Warning, "open door '{topic}': {count} events must come again: {reason}")]
    public static partial void OpenDoorRetry(ILogger logger, string topic, int count, string reason);

    [LoggerMessage(601, LogLevel.Information, "limits file '{file}': applied")]
    public static partial void LimitsApplied(ILogger logger, string file);

    [LoggerMessage(602, LogLevel.Error, "{reason} The limits stay as they were.")]
    public static partial void LimitsNotApplied(ILogger logger, string reason);
}
