namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Puts small files together, partition by partition, and drops what deletion vectors delete. The table's rows stay as they are, so
/// append-only tables may be optimised too. Where there is nothing to gain nothing is committed.
/// </summary>
public sealed record OptimizeRequest : TableRequest
{
    /// <summary>Only files that may hold rows for which this is true, in Spark SQL over partition columns; null for all.</summary>
    public string? Where { get; init; }

    /// <summary>Size of files to aim at, bytes. Default: the property <c>delta.targetFileSize</c>, or 100 MiB.</summary>
    public long? TargetFileBytes { get; init; }

    /// <summary>Columns whose values are to lie together (Z-ORDER); every file of a partition is then rewritten. A clustered table names its own.</summary>
    public IReadOnlyList<string> ZOrderBy { get; init; } = [];

    /// <summary>A file is rewritten where more than this share of its rows is deleted. Default 0.05.</summary>
    public double MaxDeletedShare { get; init; } = 0.05;

    /// <summary>Input bytes that one commit rewrites; the rest goes into further commits, so that a conflict costs one of them. Default 10 GiB.</summary>
    public long MaxCommitBytes { get; init; } = 10L << 30;

    /// <summary>Told after each commit.</summary>
    public IProgress<OperationProgress>? Progress { get; init; }
}

/// <summary>How far an operation has come.</summary>
/// <param name="Done">Files handled.</param>
/// <param name="Total">Files in all.</param>
public sealed record OperationProgress(string Operation, long Done, long Total);
