using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>What to read of a snapshot.</summary>
public sealed record ScanRequest(Snapshot Snapshot)
{
    /// <summary>Files of the snapshot to read; null for all.</summary>
    public IReadOnlyList<AddFile>? Files { get; init; }

    /// <summary>Columns in the order wanted; null for all of the schema.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Only rows for which this is true: resolved against the snapshot's schema. Null for all.</summary>
    public DeltaExpression? Predicate { get; init; }

    /// <summary>Gives row id and row commit version too, as <see cref="RowColumns"/>.</summary>
    public bool WithRowIds { get; init; }

    /// <summary>Most rows to give; null for all.</summary>
    public long? Limit { get; init; }
}
