namespace RealTimeMesh.SparkJobs.Builds;

/// <summary>One finished build or load.</summary>
/// <param name="Kind"><c>build</c> or <c>load</c>.</param>
internal sealed record BuildRecord(string Kind, string Pipeline, string Table, DateTimeOffset StartedAt, double DurationMs, bool Changed, long SourceVersion, long Version, long RowsRead, long RowsWritten, long Rows, string? Error);

/// <summary>Where a table stands.</summary>
internal sealed record TableStatus(string Pipeline, string Table, long Version, long SourceVersion, long Rows)
{
    /// <summary>The newest build that changed something or failed.</summary>
    public BuildRecord? LastBuild { get; init; }

    public string? Error { get; init; }
}

/// <summary>Where a warehouse table stands.</summary>
internal sealed record LoadStatus(string Pipeline, string Table, string To, long Version, long Rows)
{
    public string? ContentHash { get; init; }

    public string? Error { get; init; }
}

internal sealed record BuildError(string Pipeline, string Table, string Error);

/// <summary>Answer of a drain.</summary>
internal sealed record DrainReport(IReadOnlyList<TableStatus> Tables, IReadOnlyList<LoadStatus> Loads, IReadOnlyList<BuildError> Errors);
