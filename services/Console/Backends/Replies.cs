using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealTimeMesh.Console.Backends;

// What the services answer; snake_case in JSON. Members a service leaves out keep their default.

internal sealed record IngestionLedger(IReadOnlyList<IngestedStream> Streams);

internal sealed record IngestedStream(string Pipeline, string Stream, long Acked, long Accepted, long Rejected, long Indefinite);

internal sealed record SourcesReply(IReadOnlyList<SourceReply> Sources);

internal sealed record SourceReply(string Pipeline, string Stream, string Name, string Kind, long Position, long? Total, bool Done, string? Error);

internal sealed record SourceDetailsReply(IReadOnlyList<SourceDetailReply> Sources);

internal sealed record SourceDetailReply(string Pipeline, string Stream, string Name, string Kind, long Position, long? Total, bool Done, string? Error)
{
    /// <summary>What only some kinds of sources tell.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? More { get; init; }
}

internal sealed record ProcessorLedger(IReadOnlyList<ProcessedStream> Streams, LatencyReply? Latency);

internal sealed record ProcessedStream(string Pipeline, string Stream, long Applied, long Late, long Quarantined, long DuplicatesSkipped, long Redriven);

internal sealed record LatencyReply(long Count, double P50Ms, double P99Ms, double MaxMs);

internal sealed record ViewsReply(IReadOnlyList<ViewReply> Views, IReadOnlyList<FlowReply>? Flows);

internal sealed record ViewReply(
    string Pipeline, string View, string From, string? Where, long WindowMs, IReadOnlyList<string> By, IReadOnlyList<ViewColumnReply> Columns,
    long AllowedLatenessMs, long RetainMs, long Groups, long Windows, DateTimeOffset? OldestOpen, long Late, double EventsPerS);

internal sealed record FlowReply(string Pipeline, string View, long Rows, long Late);

internal sealed record ViewColumnReply(string Name, string Function, string? Argument);

internal sealed record WatermarksReply(IReadOnlyList<StreamWatermarks> Streams);

internal sealed record StreamWatermarks(string Pipeline, string Stream, IReadOnlyList<WatermarkReply> Partitions);

internal sealed record WatermarkReply(int Partition, long Offset, DateTimeOffset? Watermark, DateTimeOffset? Effective, bool Idle, bool HoldsBack);

internal sealed record LakeLedger(IReadOnlyList<StoredStream> Streams);

internal sealed record StoredStream(string Pipeline, string Stream, long Rows, long DeadLettered, long Quarantined, long DuplicatesSkipped, long Redriven);

internal sealed record LakeTables(IReadOnlyList<LakeTable> Tables);

internal sealed record LakeTable(string Pipeline, string Table, long Version, long Rows, long Files, long Bytes, DateTimeOffset? LastCommit, string? Error);

internal sealed record HistoryReply(IReadOnlyList<CommitReply> Commits);

internal sealed record CommitReply(
    long Version, DateTimeOffset Time, string? Operation, IReadOnlyDictionary<string, string>? Parameters, long FilesAdded, long FilesRemoved, long RowsAdded, string? Engine,
    IReadOnlyDictionary<string, string>? Metrics = null, string? UserMetadata = null);

internal sealed record DeadLettersReply(IReadOnlyList<DeadLetterReply> DeadLetters, string? Next, long Total);

internal sealed record DeadLetterReply(
    string? Stream, string? Topic, ReasonReply? Reason, string? Source, long? Position, string? OriginalText, bool OriginalTextLossless,
    string? OriginalBase64, long OriginalLength, DateTimeOffset? ReceivedAt, string? Id, string? DeadLetterTopic, int Partition, long Offset, DateTimeOffset? IngestedAt);

internal sealed record ReasonReply(string? Class, string? Rule, string? Field, string? Found, string? Expected, string? Message);

internal sealed record JobTablesReply(IReadOnlyList<JobTableReply> Tables, IReadOnlyList<LoadReply> Loads);

internal sealed record JobTableReply(string Pipeline, string Table, long Version, long SourceVersion, long Rows, string? Error);

internal sealed record LoadReply(string Pipeline, string Table, string To, long Version, long Rows, string? Error);

internal sealed record BuildsReply(IReadOnlyList<BuildReply> Builds);

internal sealed record BuildReply(
    string Kind, string Pipeline, string Table, DateTimeOffset StartedAt, double DurationMs, bool Changed, long SourceVersion, long Version, long RowsRead, long RowsWritten, long Rows, string? Error);

internal sealed record RowsReply(long Version, DateTimeOffset? Time, IReadOnlyList<ColumnReply> Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Rows);

internal sealed record ChangesReply(long From, long To, IReadOnlyList<ColumnReply> Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Rows, long? NextOffset);

public sealed record ColumnReply(string Name, string Type);

internal sealed record MaintenanceReply(bool On, double EverySeconds, DateTimeOffset? NextLook, RunningReply? Running, IReadOnlyList<PolicyReply> Policies, IReadOnlyList<RunReply> Runs, long? Next);

public sealed record RunningReply(string Pipeline, string Table, string Task, string Trigger, DateTimeOffset StartedAt, long Done, long Total);

public sealed record PolicyReply(string Class, int CheckpointCommits, int OptimizeFiles, int TargetMib, double QuietSeconds, double VacuumHours);

public sealed record RunReply(long Number, string Pipeline, string Table, string Task, string Trigger, DateTimeOffset StartedAt, double Seconds, string Outcome, IReadOnlyDictionary<string, long>? Figures, string? Error);

internal sealed record TableMaintenanceReply(
    bool On, DateTimeOffset? NextLook, PolicyReply Policy, int SmallFiles, long SmallFileBytes, long CommitsSinceCheckpoint, DateTimeOffset LastCommit, IReadOnlyList<string> Due, IReadOnlyList<RunReply> Last);

internal sealed record AuditLogReply(IReadOnlyList<AuditReply> Entries, long? Next);

internal sealed record AuditReply(long Number, DateTimeOffset At, string Id, string Who, string What, string Stage, string Table, JsonElement? Request, JsonElement? Before, JsonElement? After);

internal sealed record RestoreReply(
    long? Version, long FromVersion, long ToVersion, long RowsBefore, long RowsAfter, int FilesRestored, long BytesRestored, int FilesRemoved, long BytesRemoved,
    int FilesMissing, IReadOnlyList<string> Missing, IReadOnlyList<string> MetadataChanges, IReadOnlyList<string> Warnings);

internal sealed record OptimizeReply(int Commits, int Files, long Bytes, RunReply? Run);

internal sealed record VacuumReply(int Files, long Bytes, IReadOnlyList<string> Named, RunReply? Run);
