using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>The columns of a CSV file and the fields they go to.</summary>
internal sealed class CsvColumns
{
    private readonly int[] _fields;

    public CsvColumns(string path, IReadOnlyList<string> names, RowSchema schema, CsvLayout layout)
    {
        var map = new FieldMap(schema);
        _fields = [.. names.Select(map.Find)];
        map.Check($"file '{path}'", _fields, names);
        Told = layout.Columns.Count > 0 ? "as in 'columns'" : "as in the header";
        Fields = new CsvFields(CsvSyntax.Of(layout));
        Values = new CsvValues(schema, layout);
    }

    /// <summary>The fields of the record at hand.</summary>
    public CsvFields Fields { get; }

    public CsvValues Values { get; }

    public int Count => _fields.Length;

    /// <summary>What says how many columns there are.</summary>
    public string Told { get; }

    /// <summary>The contract's field of a column, or -1.</summary>
    public int FieldOf(int column) => _fields[column];
}
