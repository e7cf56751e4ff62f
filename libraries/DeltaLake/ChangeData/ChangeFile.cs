namespace RealTimeMesh.DeltaLake;

/// <summary>Changed rows of one version in one file.</summary>
/// <param name="Path">Relative to the table (or absolute), not URI-encoded.</param>
/// <param name="PartitionValues">Physical name of a partition column to its value in the log's text form.</param>
/// <param name="Version">The version that changed them.</param>
/// <param name="Timestamp">Its time, milliseconds since 1970-01-01T00:00:00Z.</param>
public sealed record ChangeFile(string Path, IReadOnlyDictionary<string, string?> PartitionValues, ChangeKind Kind, long Version, long Timestamp)
{
    /// <summary>The rows of this vector only; null for all.</summary>
    public DeletionVectorDescriptor? Only { get; init; }

    /// <summary>Not the rows of this vector.</summary>
    public DeletionVectorDescriptor? Without { get; init; }
}
