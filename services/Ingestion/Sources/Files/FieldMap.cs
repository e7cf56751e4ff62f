using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>Matches a file's columns to a contract's fields, by name or alias.</summary>
internal sealed class FieldMap
{
    private readonly RowSchema _schema;
    private readonly Dictionary<string, int> _ordinals = new(StringComparer.Ordinal);

    public FieldMap(RowSchema schema)
    {
        _schema = schema;
        for (var i = 0; i < schema.Fields.Count; i++)
            _ordinals[schema.Fields[i].Name] = i;
        for (var i = 0; i < schema.Fields.Count; i++)
        {
            foreach (var alias in schema.Fields[i].Aliases)
                _ordinals.TryAdd(alias, i);
        }
    }

    /// <summary>The field of a column, or -1: columns that the contract does not know are ignored.</summary>
    public int Find(string column) => _ordinals.GetValueOrDefault(column, -1);

    /// <summary>Throws where a field has two columns, or a field that must have a value has none: every row would be rejected.</summary>
    public void Check(string file, int[] fieldOfColumn, IReadOnlyList<string> columns)
    {
        for (var i = 0; i < _schema.Fields.Count; i++)
        {
            var field = _schema.Fields[i];
            var count = fieldOfColumn.Count(ordinal => ordinal == i);
            if (count > 1)
                throw new SourceException($"{file}: {count} columns are named '{field.Name}' or one of its aliases; expected one. Rename or remove the others.");
            if (count == 0 && !field.Nullable && !field.HasDefault)
                throw new SourceException($"{file}: field '{field.Name}' of the contract has no column; found {string.Join(", ", columns)}. Add the column, or an alias, a default or null to the contract.");
        }
    }
}
