namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>cdc</c> action: a file of changed rows (PROTOCOL.md, "Add CDC File"). <paramref name="Path"/> is relative and decoded, <paramref name="Size"/> in bytes.</summary>
public sealed record CdcFile(string Path, IReadOnlyDictionary<string, string?> PartitionValues, long Size);
