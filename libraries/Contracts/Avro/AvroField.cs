using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>One field of an Avro record.</summary>
public sealed class AvroField
{
    public required string Name { get; init; }

    public required AvroSchema Schema { get; init; }

    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The <c>default</c> as JSON; null where the field has none (a default of null is a JSON null).</summary>
    public JsonElement? Default { get; init; }

    /// <summary>The custom attribute <c>"pii": true</c>.</summary>
    public bool Pii { get; init; }
}
