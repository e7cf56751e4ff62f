using System.Text.Json;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>A schema as a client sends it.</summary>
internal sealed record SchemaRequest
{
    public string? Schema { get; init; }

    public string? SchemaType { get; init; }

    public IReadOnlyList<SchemaReference> References { get; init; } = [];

    public JsonElement? Metadata { get; init; }

    public JsonElement? RuleSet { get; init; }

    /// <summary>-1 where the registry gives one.</summary>
    public int Id { get; init; } = -1;

    /// <summary>0 where the registry gives one; -1 where the latest is meant.</summary>
    public int Version { get; init; }
}
