using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>The columns a table has or gets for rows.</summary>
internal static class TableColumns
{
    /// <summary>In a column's metadata: its values are personal data. It stays with the table when the contract that said so is not at hand.</summary>
    public const string Personal = "pii";

    private static readonly JsonElement s_true = JsonSerializer.SerializeToElement(true);

    /// <summary>The columns of a new table.</summary>
    public static StructType Of(RowSchema rows) =>
        new([.. FlatRows.ToStruct(rows).Fields.Select((column, i) => rows.Fields[i].Pii ? column with { Metadata = new Dictionary<string, JsonElement> { [Personal] = s_true } } : column)]);

    /// <summary>Whether a column may become one of a wider type: where the table allows it (<c>delta.enableTypeWidening</c>) and files are not named by it.</summary>
    public static bool MayWiden(Snapshot table, SchemaField column) =>
        table.Configuration.TryGetValue("delta.enableTypeWidening", out var text) && bool.TryParse(text, out var isOn) && isOn
        && !table.PartitionColumns.Contains(column.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The table's schema with the columns that the rows have more, and wider ones where it allows that; what changes, for people.</summary>
    public static (StructType Schema, IReadOnlyList<string> Changes) Evolve(Snapshot table, RowSchema rows)
    {
        var evolved = table.Schema;
        List<string> changes = [];
        foreach (var column in Of(rows).Fields)
        {
            if (table.Schema.Find(column.Name) is not { } existing)
            {
                evolved = SchemaEvolution.AddColumn(table.Table, evolved, null, column with { Nullable = true });
                changes.Add(column.Name);
            }
            else if (SchemaEvolution.CanWiden(existing.Type, column.Type) && MayWiden(table, existing))
            {
                evolved = SchemaEvolution.WidenColumn(table.Table, evolved, existing.Name, column.Type);
                changes.Add($"{existing.Name} ({existing.Type} to {column.Type})");
            }
        }

        return (evolved, changes);
    }
}
