using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>A reference table in memory: text columns, looked up by key. Immutable once loaded.</summary>
public sealed class ReferenceTable
{
    private readonly Dictionary<string, int> _ordinals;
    private readonly Dictionary<string, string[]> _rows;
    private readonly Dictionary<string, IReadOnlySet<string>> _values = new(StringComparer.Ordinal);

    private ReferenceTable(string name, IReadOnlyList<string> columns, Dictionary<string, string[]> rows)
    {
        Name = name;
        Columns = columns;
        _ordinals = columns.Select((column, i) => (column, i)).ToDictionary(c => c.column, c => c.i, StringComparer.Ordinal);
        _rows = rows;
        for (var i = 0; i < columns.Count; i++)
        {
            var ordinal = i;
            _values[columns[i]] = rows.Values.Select(r => r[ordinal]).Where(v => v.Length > 0).ToHashSet(StringComparer.Ordinal);
        }
    }

    public string Name { get; }

    /// <summary>Column names in the file's order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>The position of a column, or -1.</summary>
    public int IndexOf(string column) => _ordinals.GetValueOrDefault(column, -1);

    /// <summary>The row of a key; its cells are in the order of <see cref="Columns"/>. Empty cells are empty text.</summary>
    public bool TryGetRow(string key, [NotNullWhen(true)] out IReadOnlyList<string>? row)
    {
        var found = _rows.TryGetValue(key, out var cells);
        row = cells;
        return found;
    }

    /// <summary>The distinct values of a column, empty cells left out; null where there is no such column.</summary>
    public IReadOnlySet<string>? Values(string column) => _values.GetValueOrDefault(column);

    /// <summary>Reads the CSV file of a reference (UTF-8, header line, RFC 4180 quotes). Throws <see cref="ConfigurationException"/> with every fault.</summary>
    public static ReferenceTable Load(ReferenceDefinition definition)
    {
        var faults = new FaultList(definition.File);
        return TryLoad(definition, faults) ?? throw new ConfigurationException(faults.All);
    }

    internal static ReferenceTable? TryLoad(ReferenceDefinition definition, FaultList faults)
    {
        var before = faults.All.Count;
        using var reader = new StreamReader(definition.File);
        var records = CsvReader.Read(reader, definition.Name, faults).ToList();
        if (faults.All.Count > before)
            return null;
        if (records.Count == 0)
        {
            faults.Add(1, definition.Name, "an empty file", "a header line and rows", "Write the column names as the first line.");
            return null;
        }

        var header = records[0].Cells;
        var key = Array.IndexOf(header, definition.Key);
        if (key < 0)
            faults.Add(1, definition.Name, $"the columns {string.Join(", ", header)}", $"the key column '{definition.Key}'", Near(definition.Key, header));
        foreach (var column in header.GroupBy(c => c, StringComparer.Ordinal).Where(g => g.Count() > 1))
            faults.Add(1, definition.Name, $"column '{column.Key}' twice", "column names that differ", "Rename one of them.");
        if (faults.All.Count > before)
            return null;

        var rows = new Dictionary<string, string[]>(records.Count, StringComparer.Ordinal);
        foreach (var (cells, line) in records.Skip(1))
        {
            if (cells.Length != header.Length)
                faults.Add(line, definition.Name, $"{cells.Length} cell(s)", $"{header.Length}, as in the header", "Quote cells that hold commas, and fill in what is missing.");
            else if (cells[key].Length == 0)
                faults.Add(line, $"{definition.Name}.{definition.Key}", "an empty key", "a key in every row", "Fill it in or remove the row.");
            else if (!rows.TryAdd(cells[key], cells))
                faults.Add(line, $"{definition.Name}.{definition.Key}", $"key '{cells[key]}' again", "each key once", "Remove one of the rows.");
        }

        return faults.All.Count > before ? null : new ReferenceTable(definition.Name, header, rows);
    }

    private static string Near(string key, string[] header) =>
        Suggestion.For(key, header) is { } near ? $"Did you mean '{near}'?" : "Name one of these columns as the key.";
}
