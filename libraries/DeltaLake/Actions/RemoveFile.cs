namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>remove</c> action: the tombstone of a file.</summary>
internal sealed record RemoveFile(string Path, long DeletionTimestamp, bool DataChange, IReadOnlyDictionary<string, string?>? PartitionValues, long? Size);
