namespace RealTimeMesh.DeltaLake;

/// <summary>One line of a table's history.</summary>
/// <param name="Timestamp">
/// When it was committed, as time travel sees it: the in-commit timestamp, or where the table has none the time of the commit file.
/// Milliseconds since 1970-01-01T00:00:00Z.
/// </param>
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
    /// <summary>What the writer's clock said (<c>commitInfo.timestamp</c>), milliseconds since 1970-01-01T00:00:00Z; null where it did not say.</summary>
    public long? WriterTimestamp { get; init; }

    /// <summary>Free text that the user gave with the commit.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>The version the commit was based on.</summary>
    public long? ReadVersion { get; init; }

    public string? IsolationLevel { get; init; }

    public bool IsBlindAppend { get; init; }

    internal static CommitSummary From(long version, LogCommit commit, long time) => new(
        version,
        time,
        commit.Info?.Operation,
        commit.Info?.OperationParameters ?? new Dictionary<string, string>(),
        commit.Info?.OperationMetrics ?? new Dictionary<string, string>(),
        commit.Info?.EngineInfo,
        commit.Adds.Count,
        commit.Removes.Count,
        commit.Adds.Any(file => file.NumRecords < 0) ? -1 : commit.Adds.Sum(file => file.NumRecords))
    {
        WriterTimestamp = commit.Info?.Timestamp,
        UserMetadata = commit.Info?.UserMetadata,
        ReadVersion = commit.Info?.ReadVersion,
        IsolationLevel = commit.Info?.IsolationLevel,
        IsBlindAppend = commit.Info?.IsBlindAppend ?? false,
    };
}
