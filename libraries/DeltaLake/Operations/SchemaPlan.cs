namespace RealTimeMesh.DeltaLake;

/// <summary>The schema a table gets from the rows that are written to it.</summary>
internal static class SchemaPlan
{
    /// <summary>The table's schema with the columns that the rows have more; the same instance where there are none.</summary>
    public static StructType Evolve(string table, DeltaTableOptions options, Snapshot snapshot, StructType rows)
    {
        var merged = SchemaEvolution.Merge(table, snapshot.Schema, (StructType)StoreAssignment.Align(rows, snapshot.Schema));
        return merged == snapshot.Schema ? snapshot.Schema : Mapped(options, snapshot.Configuration, merged);
    }

    /// <summary>The rows' schema for a table, which keeps what it says of columns that stay.</summary>
    public static StructType Replace(DeltaTableOptions options, Snapshot snapshot, StructType rows) =>
        Mapped(options, snapshot.Configuration, new StructType([.. rows.Fields.Select(item => snapshot.Schema.Find(item.Name) is { } own && own.Type == Nullable(item.Type) ? own : Clean(item))]));

    /// <summary>The schema of a new table.</summary>
    public static StructType Create(DeltaTableOptions options, IReadOnlyDictionary<string, string?> properties, StructType rows) =>
        Mapped(options, properties, new StructType([.. rows.Fields.Select(Clean)]));

    /// <summary>Files are written before the commit, so new columns need their physical names now.</summary>
    public static StructType Mapped(DeltaTableOptions options, IReadOnlyDictionary<string, string?> configuration, StructType schema) =>
        ColumnMapping.IsOn(configuration)
            ? ColumnMapping.Complete(schema, TableProperties.Whole(configuration, TableProperties.ColumnMappingMaxId, 0), keepNames: false, options.NewId).Schema
            : schema;

    private static SchemaField Clean(SchemaField field) => new(field.Name, Nullable(field.Type), field.Nullable);

    /// <summary>Without what the source's table said of nested fields.</summary>
    private static DeltaType Nullable(DeltaType type) => type is StructType or ArrayType or MapType
        ? ((StructType)SchemaWalk.Map(new StructType([new SchemaField("x", type, true)]), item => new SchemaField(item.Name, item.Type, item.Nullable))).Fields[0].Type
        : type;
}
