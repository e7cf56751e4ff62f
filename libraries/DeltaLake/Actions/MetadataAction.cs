namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>metaData</c> action.</summary>
internal sealed record MetadataAction(
    string Id,
    string? Name,
    string? Description,
    string SchemaString,
    IReadOnlyList<string> PartitionColumns,
    IReadOnlyDictionary<string, string?> Configuration,
    long? CreatedTime);
