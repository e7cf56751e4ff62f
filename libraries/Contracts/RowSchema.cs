namespace RealTimeMesh.Contracts;

/// <summary>The ordered fields of a row. Names are unique, compared ordinally.</summary>
public sealed class RowSchema
{
    private readonly Dictionary<string, int> _ordinals = new(StringComparer.Ordinal);

    public RowSchema(IReadOnlyList<Field> fields)
    {
        Fields = fields;
        for (var i = 0; i < fields.Count; i++)
        {
            if (!_ordinals.TryAdd(fields[i].Name, i))
                throw new RealTimeMeshException($"schema: field '{fields[i].Name}' stands twice; expected unique names; rename one of them.");
        }
    }

    public IReadOnlyList<Field> Fields { get; }

    /// <summary>The position of a field, or -1 where there is none of that name.</summary>
    public int IndexOf(string name) => _ordinals.GetValueOrDefault(name, -1);
}
