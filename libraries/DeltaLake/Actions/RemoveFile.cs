namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>remove</c> action: the tombstone of a file. Fields as in <see cref="AddFile"/>; times in milliseconds since 1970-01-01T00:00:00Z.</summary>
internal sealed record RemoveFile(string Path, long DeletionTimestamp, bool DataChange, IReadOnlyDictionary<string, string?>? PartitionValues, long? Size)
{
    public DeletionVectorDescriptor? DeletionVector { get; init; }

    public long? BaseRowId { get; init; }

    public long? DefaultRowCommitVersion { get; init; }

    public FileKey Key => new(Path, DeletionVector?.UniqueId);
}
