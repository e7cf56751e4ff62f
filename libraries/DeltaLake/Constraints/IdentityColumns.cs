using System.Collections.Immutable;

namespace RealTimeMesh.DeltaLake;

/// <summary>What a commit may do to identity columns, and how far it advances them.</summary>
internal static class IdentityColumns
{
    /// <summary>Checks the columns of a schema that is about to be committed; marks never go back, whatever it says.</summary>
    public static StructType Complete(string table, StructType schema, IReadOnlyList<string> partitionColumns, Snapshot? before, IReadOnlyDictionary<string, long> advanced)
    {
        foreach (var field in SchemaWalk.Fields(schema).Where(field => IdentityColumn.Is(field) && !schema.Fields.Contains(field)))
            throw new DeltaException(table, $"field '{field.Name}' inside a column is an identity column (feature {IdentityColumn.Feature}); expected them at the top of the schema only.");
        if (!schema.Fields.Any(IdentityColumn.Is))
            return schema;
        return new StructType([.. schema.Fields.Select(field => IdentityColumn.Is(field) ? Complete(IdentityColumn.Of(table, field)) : field)]);

        SchemaField Complete(IdentityColumn column)
        {
            var old = before?.Schema.Fields.FirstOrDefault(item => item.PhysicalName == column.Field.PhysicalName);
            if (old is null || !IdentityColumn.Is(old))
                CheckNew(column, partitionColumns, before);
            else if (IdentityColumn.Of(table, old) is var own && (own.Start, own.Step, own.AllowsExplicit) != (column.Start, column.Step, column.AllowsExplicit))
                throw new DeltaException(table, $"identity column '{column.Field.Name}' was to get another start, step or allowExplicitInsert; expected them to stay as they were when it was created.");
            else
                column = column with { Field = column.Advanced(own.HighWaterMark), HighWaterMark = Farther(column, own.HighWaterMark) };
            return column.Advanced(advanced.TryGetValue(column.Field.PhysicalName, out var mark) ? mark : null);
        }
    }

    /// <summary>Whether metadata differs in nothing but the marks of identity columns.</summary>
    public static bool IsOnlyAdvance(string table, MetadataAction before, MetadataAction after) =>
        before.SchemaString != after.SchemaString
        && before.Id == after.Id && before.Name == after.Name && before.Description == after.Description
        && before.PartitionColumns.SequenceEqual(after.PartitionColumns)
        && before.Configuration.Count == after.Configuration.Count
        && before.Configuration.All(item => after.Configuration.TryGetValue(item.Key, out var value) && value == item.Value)
        && Unmarked(SchemaJson.Read(table, before.SchemaString)) == Unmarked(SchemaJson.Read(table, after.SchemaString));

    /// <summary>A schema without the marks of its identity columns.</summary>
    public static StructType Unmarked(StructType schema) => new([.. schema.Fields.Select(field => IdentityColumn.Is(field)
        ? field with { Metadata = field.Metadata.Where(item => item.Key != IdentityColumn.MarkKey).ToImmutableDictionary() }
        : field)]);

    private static long? Farther(IdentityColumn column, long? mark) => mark is { } number && column.IsBeyond(number, column.HighWaterMark) ? number : column.HighWaterMark;

    private static void CheckNew(IdentityColumn column, IReadOnlyList<string> partitionColumns, Snapshot? before)
    {
        var name = column.Field.Name;
        if (before is not null && before.Files.Count > 0)
            throw new DeltaException(column.Table, $"identity column '{name}' was to be added to a table with rows (feature {IdentityColumn.Feature}), which have no numbers; expected it when the table is created; write a new table.");
        if (partitionColumns.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new DeltaException(column.Table, $"partition column '{name}' is an identity column (feature {IdentityColumn.Feature}), which would put every row into a folder; expected another partition column.");
        if (column.Field.Metadata.ContainsKey(RuleReader.GenerationKey) || column.Field.Metadata.ContainsKey(RuleReader.DefaultKey))
            throw new DeltaException(column.Table, $"identity column '{name}' has a generation expression or a default too; expected neither.");
    }
}
