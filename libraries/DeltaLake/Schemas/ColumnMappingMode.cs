namespace RealTimeMesh.DeltaLake;

/// <summary>How columns of the schema are found in data files (<c>delta.columnMapping.mode</c>; PROTOCOL.md, "Column Mapping").</summary>
public enum ColumnMappingMode
{
    /// <summary>By the name of the schema.</summary>
    None,

    /// <summary>By the physical name in the field's metadata.</summary>
    Name,

    /// <summary>By the id in the field's metadata, which is the Parquet field's id.</summary>
    Id,
}
