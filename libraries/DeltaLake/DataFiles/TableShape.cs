using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>What a writer of data files must know of a table.</summary>
/// <param name="Table">The folder.</param>
/// <param name="IsMapped">True under column mapping: files then have physical names and field ids.</param>
internal sealed record TableShape(string Table, StructType Schema, IReadOnlyList<string> PartitionColumns, bool IsMapped, StatisticsColumns Statistics, WriteRules Rules)
{
    /// <summary>The table's id; null for one that is about to be created.</summary>
    public string? TableId { get; init; }

    /// <summary>Physical names of identity columns that the table has and these rows have not.</summary>
    public IReadOnlyList<string> Unnumbered { get; init; } = [];

    /// <summary>Columns whose values are counted.</summary>
    public IEnumerable<IdentityColumn> Identities => IdentityColumn.In(Table, Schema);

    /// <summary>Columns in the files, in the schema's order.</summary>
    public IEnumerable<SchemaField> Stored => Schema.Fields.Where(column => column.Type.Kind != DeltaTypeKind.Void && !IsPartition(column));

    /// <summary>Partition columns, in their order.</summary>
    public IEnumerable<SchemaField> Partitions => PartitionColumns.Select(name => Schema.Find(name) ?? throw new DeltaException(Table, $"partition column '{name}' is not in the schema."));

    public static TableShape Of(Snapshot snapshot, DateTimeOffset now) =>
        new(snapshot.Table, snapshot.Schema, snapshot.PartitionColumns, ColumnMapping.IsOn(snapshot.Configuration), StatisticsColumns.For(snapshot), WriteRules.For(snapshot, now)) { TableId = snapshot.Metadata?.Id };

    /// <summary>
    /// The shape of rows that are about to be written: a new table, or one whose schema becomes <paramref name="rows"/> in the same commit.
    /// What the table says of its columns (types, rules, physical names) holds for those that stay.
    /// </summary>
    public static TableShape Of(string table, Snapshot? snapshot, RowSchema rows, IReadOnlyList<string> partitionColumns, DateTimeOffset now)
    {
        var configuration = snapshot?.Configuration ?? new Dictionary<string, string?>();
        var schema = FlatRows.ToStruct(rows);
        if (snapshot is not null)
            schema = new StructType([.. schema.Fields.Select((field, i) => snapshot.Schema.Find(field.Name) is { } known && RowTypes.Fits(rows.Fields[i], known.Type) ? known with { Nullable = field.Nullable && known.Nullable } : field)]);
        return new TableShape(table, schema, partitionColumns, ColumnMapping.IsOn(configuration), StatisticsColumns.For(table, schema, partitionColumns, configuration, snapshot?.Domains), WriteRules.For(table, schema, configuration, now))
        {
            TableId = snapshot?.Metadata?.Id,
            Unnumbered = snapshot is null ? [] : [.. snapshot.Schema.Fields.Where(field => IdentityColumn.Is(field) && schema.Find(field.Name) is null).Select(field => field.PhysicalName)],
        };
    }

    private bool IsPartition(SchemaField field) => PartitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase);
}
