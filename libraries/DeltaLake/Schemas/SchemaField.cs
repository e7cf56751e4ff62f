using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>A field of a struct. Metadata that this library does not know is kept as it was.</summary>
public sealed record SchemaField(string Name, DeltaType Type, bool Nullable)
{
    internal const string PhysicalNameKey = "delta.columnMapping.physicalName";
    internal const string IdKey = "delta.columnMapping.id";

    private static readonly IReadOnlyDictionary<string, JsonElement> s_none = new Dictionary<string, JsonElement>();

    /// <summary>Metadata such as <c>delta.generationExpression</c> or <c>comment</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = s_none;

    /// <summary>The name in data files, partition values and statistics: differs from <see cref="Name"/> under column mapping.</summary>
    public string PhysicalName => Text(PhysicalNameKey) ?? Name;

    /// <summary>The Parquet field id under column mapping, or null.</summary>
    public int? FieldId => Metadata.TryGetValue(IdKey, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    /// <summary>Whether files may hold it, or a field inside it, in an older and narrower type.</summary>
    public bool HasTypeChanges => Metadata.ContainsKey(TypeChanges.MetadataKey) || SchemaWalk.Fields(Type).Any(inner => inner.Metadata.ContainsKey(TypeChanges.MetadataKey));

    public bool Equals(SchemaField? other) =>
        other is not null && Name == other.Name && Nullable == other.Nullable && Type == other.Type
        && Metadata.Count == other.Metadata.Count
        && Metadata.All(item => other.Metadata.TryGetValue(item.Key, out var value) && JsonElement.DeepEquals(item.Value, value));

    public override int GetHashCode() => HashCode.Combine(Name, Nullable, Type);

    /// <summary>A text of the metadata, or null.</summary>
    internal string? Text(string key) => Metadata.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
