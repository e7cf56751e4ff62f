using System.Globalization;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Sources.Files;

namespace RealTimeMesh.Ingestion.Sources.Changes;

/// <summary>Which column of one shape of a table gives which field of the contract.</summary>
internal sealed class TableMap
{
    private readonly int[] _columns;

    private TableMap(ChangeTable table, int[] columns, RejectReason? fault)
    {
        Table = table;
        _columns = columns;
        Fault = fault;
    }

    public ChangeTable Table { get; }

    /// <summary>Why no row of this shape fits the contract any more; null where rows do.</summary>
    public RejectReason? Fault { get; }

    /// <summary>The column of a field, or -1.</summary>
    public int ColumnOf(int field) => _columns[field];

    /// <summary>Names of the fields that have a column.</summary>
    public IEnumerable<string> Fields(RowSchema schema) => schema.Fields.Where((_, i) => _columns[i] >= 0).Select(field => field.Name);

    /// <param name="table">The shape.</param>
    /// <param name="schema">The contract's fields.</param>
    /// <param name="known">Fields that had a column before: where it is gone, nulls would hide the loss.</param>
    public static TableMap Of(ChangeTable table, RowSchema schema, IReadOnlyCollection<string> known)
    {
        var names = new FieldMap(schema);
        var columns = new int[schema.Fields.Count];
        Array.Fill(columns, -1);
        RejectReason? fault = null;
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var field = names.Find(table.Columns[i].Name);
            if (field < 0 || ChangeFields.All.Contains(schema.Fields[field].Name))
                continue;
            if (columns[field] >= 0)
                fault ??= new RejectReason("column", schema.Fields[field].Name, $"columns '{table.Columns[columns[field]].Name}' and '{table.Columns[i].Name}' of {table.Name}", "one column by the field's name or an alias");
            columns[field] = i;
        }

        foreach (var name in known)
        {
            if (schema.IndexOf(name) is >= 0 and var field && columns[field] < 0)
                fault ??= new RejectReason("column", name, $"no such column in {table.Name} any more ({string.Join(", ", table.Columns.Select(column => column.Name))})", "the column; if it was renamed, add its new name to the field's aliases, and if it was dropped, remove the field");
        }

        return new TableMap(table, columns, fault);
    }

    /// <summary>Everything of a table that can't fit the contract; empty where it does.</summary>
    public static IEnumerable<string> Faults(ChangeTable table, RowSchema schema, string key)
    {
        var map = Of(table, schema, []);
        if (map.Fault is { } twice)
            yield return $"table {table.Name}: {twice.Message}.";
        for (var i = 0; i < schema.Fields.Count; i++)
        {
            var field = schema.Fields[i];
            if (ChangeFields.All.Contains(field.Name))
                continue;
            var column = map.ColumnOf(i);
            if (column < 0 && !field.Nullable && !field.HasDefault)
                yield return $"table {table.Name}: found no column for the contract's field '{field.Name}' ({string.Join(", ", table.Columns.Select(c => c.Name))}); expected one by its name or an alias. Add an alias, a default or null to the contract.";
            else if (column >= 0 && !field.Nullable && !field.HasDefault && !table.OldRows && !table.Columns[column].IsKey)
                yield return $"table {table.Name}: found the field '{field.Name}' without null or default, which deletions do not tell; expected null to be allowed for all but the key. Make its type [\"null\", …] with default null, or ALTER TABLE {table.Name} REPLICA IDENTITY FULL.";
            if (field.Name == key && column >= 0 && !table.OldRows && !table.Columns[column].IsKey)
                yield return string.Create(CultureInfo.InvariantCulture, $"table {table.Name}: found the stream's key '{key}', which deletions do not tell; expected a column of the primary key ({string.Join(", ", table.Columns.Where(c => c.IsKey).Select(c => c.Name))}). Take one of these as 'key', or ALTER TABLE {table.Name} REPLICA IDENTITY FULL.");
        }
    }
}
