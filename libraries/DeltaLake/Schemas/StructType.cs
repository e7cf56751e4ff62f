namespace RealTimeMesh.DeltaLake;

/// <summary>Ordered, named fields: the schema of a table, or a nested column. Names are unique ignoring case.</summary>
public sealed record StructType(IReadOnlyList<SchemaField> Fields) : DeltaType(DeltaTypeKind.Struct)
{
    private readonly Lazy<Dictionary<string, int>> _exact = new(() => Index(Fields, StringComparer.Ordinal));
    private readonly Lazy<Dictionary<string, int>> _ignoringCase = new(() => Index(Fields, StringComparer.OrdinalIgnoreCase));

    public override string SqlName => $"struct<{string.Join(", ", Fields.Select(item => $"{item.Name}: {item.Type}"))}>";

    /// <summary>The position of a field, or -1. Case matters only where two names differ by nothing else.</summary>
    public int IndexOf(string name) =>
        _exact.Value.TryGetValue(name, out var at) || _ignoringCase.Value.TryGetValue(name, out at) ? at : -1;

    /// <summary>The field of a name, or null.</summary>
    public SchemaField? Find(string name) => IndexOf(name) is >= 0 and var at ? Fields[at] : null;

    public bool Equals(StructType? other) => other is not null && Fields.SequenceEqual(other.Fields);

    public override int GetHashCode() => Fields.Aggregate(17, (hash, field) => HashCode.Combine(hash, field.Name));

    private static Dictionary<string, int> Index(IReadOnlyList<SchemaField> fields, StringComparer comparer)
    {
        var result = new Dictionary<string, int>(comparer);
        for (var i = 0; i < fields.Count; i++)
            result.TryAdd(fields[i].Name, i);
        return result;
    }
}
