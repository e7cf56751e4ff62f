using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>A column of a scan: one of the table, or a constant of each file, or one that files have beside the table's schema.</summary>
internal sealed record ScanColumn(string Name, DeltaType Type)
{
    /// <summary>The field of the schema, or null.</summary>
    public SchemaField? Field { get; init; }

    /// <summary>True where the log tells the value.</summary>
    public bool IsPartition { get; init; }

    /// <summary>Position among the files' <see cref="ScanFile.Constants"/>, or -1.</summary>
    public int Constant { get; init; } = -1;

    /// <summary>Whether files hold it.</summary>
    public bool IsStored => !IsPartition && Constant < 0 && ColumnSql.IsStored(Type);

    /// <summary>The columns of a snapshot's schema.</summary>
    public static IReadOnlyList<ScanColumn> Of(Snapshot snapshot)
    {
        var partitions = snapshot.PartitionColumns.Select(name => snapshot.Schema.IndexOf(name)).ToHashSet();
        return [.. snapshot.Schema.Fields.Select((field, i) => new ScanColumn(field.Name, field.Type) { Field = field, IsPartition = partitions.Contains(i) })];
    }
}
