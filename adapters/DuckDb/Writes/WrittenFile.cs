namespace RealTimeMesh.DuckDb.Writes;

/// <summary>A data file that was written and not yet described.</summary>
/// <param name="Values">Partition values by physical name.</param>
internal sealed record WrittenFile(string Path, long Rows, long Bytes, IReadOnlyDictionary<string, string?> Values);
