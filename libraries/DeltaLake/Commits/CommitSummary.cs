namespace RealTimeMesh.DeltaLake;

/// <summary>One line of a table's history.</summary>
/// <param name="Timestamp">Milliseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="Operation">Such as <c>WRITE</c> or <c>MERGE</c>; null where the writer did not say.</param>
/// <param name="FilesAdded">Number of <c>add</c> actions.</param>
/// <param name="FilesRemoved">Number of <c>remove</c> actions.</param>
/// <param name="RowsAdded">Rows of the added files; -1 where a file does not tell.</param>
public sealed record CommitSummary(
    long Version,
    long Timestamp,
    string? Operation,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> Metrics,
    string? EngineInfo,
    int FilesAdded,
    int FilesRemoved,
    long RowsAdded)
{
    internal static CommitSummary From(long version, LogCommit commit, long fileTime) => new(
        version,
        commit.Info?.Timestamp ?? fileTime,
        commit.Info?.Operation,
        commit.Info?.OperationParameters ?? new Dictionary<string, string>(),
        commit.Info?.OperationMetrics ?? new Dictionary<string, string>(),
        commit.Info?.EngineInfo,
        commit.Adds.Count,
        commit.Removes.Count,
        commit.Adds.Any(file => file.NumRecords < 0) ? -1 : commit.Adds.Sum(file => file.NumRecords));
}
