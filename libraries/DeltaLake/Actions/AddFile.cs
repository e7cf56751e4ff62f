namespace RealTimeMesh.DeltaLake;

/// <summary>An <c>add</c> action.</summary>
/// <param name="Path">Relative to the table, not URI-encoded; absolute where the log says so.</param>
/// <param name="PartitionValues">Partition column to its value in the log's text form; null for a null (or empty) value.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModificationTime">Milliseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="DataChange">False where the file only rearranges rows.</param>
/// <param name="NumRecords">Rows; -1 where unknown.</param>
/// <param name="Stats">The statistics as the JSON text of the log, or null.</param>
public sealed record AddFile(string Path, IReadOnlyDictionary<string, string?> PartitionValues, long Size, long ModificationTime, bool DataChange, long NumRecords, string? Stats)
{
    /// <summary>Tags of the writer, or null.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }
}
