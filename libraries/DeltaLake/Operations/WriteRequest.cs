namespace RealTimeMesh.DeltaLake;

/// <summary>Rows to append, or to put in the place of others. A table that does not exist is created with the rows' schema.</summary>
public sealed record WriteRequest(RowSource Source) : TableRequest
{
    /// <summary>What happens to the rows that are there. Default: they stay.</summary>
    public WriteMode Mode { get; init; } = WriteMode.Append;

    /// <summary>With <see cref="WriteMode.ReplaceWhere"/>: the rows to replace, in Spark SQL. New rows for which it is not true are an error.</summary>
    public string? ReplaceWhere { get; init; }

    /// <summary>What columns may become that the table has not, or that differ. Default: an error.</summary>
    public SchemaMode Schema { get; init; } = SchemaMode.Fixed;

    /// <summary>Partition columns of a table that is created, or overwritten with <see cref="SchemaMode.Overwrite"/>.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    /// <summary>Properties of a table that is created.</summary>
    public IReadOnlyDictionary<string, string?> Properties { get; init; } = new Dictionary<string, string?>();

    /// <summary>Name of a table that is created.</summary>
    public string? Name { get; init; }
}

/// <summary>What a write does with the rows that are there.</summary>
public enum WriteMode
{
    /// <summary>They stay.</summary>
    Append,

    /// <summary>All of them go.</summary>
    Overwrite,

    /// <summary>Those go that are in a partition of which there are new rows.</summary>
    OverwritePartitions,

    /// <summary>Those go for which <see cref="WriteRequest.ReplaceWhere"/> is true.</summary>
    ReplaceWhere,
}

/// <summary>What a write may do to the schema. Values are never cast to a type that cannot hold them.</summary>
public enum SchemaMode
{
    /// <summary>Columns that the table has not are an error; those the rows have not are null.</summary>
    Fixed,

    /// <summary>Columns that the table has not are added to it, nested ones too.</summary>
    Merge,

    /// <summary>The rows' schema takes the place of the table's; only with <see cref="WriteMode.Overwrite"/>.</summary>
    Overwrite,
}
