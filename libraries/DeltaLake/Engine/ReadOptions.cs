namespace RealTimeMesh.DeltaLake;

/// <summary>What <see cref="DeltaTable.ReadAsync(ReadOptions?, CancellationToken)"/> reads. Default: every column of every row of the newest version.</summary>
public sealed record ReadOptions
{
    /// <summary>The version; null for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>Read the version that was current at this time; not together with <see cref="Version"/>.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Only rows for which this Spark SQL predicate is true, such as <c>day = DATE '2026-11-23' AND delay > 15</c>; null for all.</summary>
    public string? Where { get; init; }

    /// <summary>Told which files <see cref="Where"/> leaves to be read, before they are.</summary>
    public Action<PrunedFiles>? OnPruned { get; init; }

    /// <summary>Columns in the order wanted; null for all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>
    /// Gives each row's stable id and the version that last changed it too, as <see cref="RowColumns"/>. An error where the table has not
    /// <c>delta.enableRowTracking=true</c>. Default false.
    /// </summary>
    public bool WithRowIds { get; init; }

    /// <summary>Most rows to give; null for all.</summary>
    public long? Limit { get; init; }
}
