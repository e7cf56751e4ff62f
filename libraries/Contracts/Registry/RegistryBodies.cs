using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RealTimeMesh.Contracts;

/// <summary>A document that a registered schema refers to.</summary>
/// <param name="Name">What the schema calls it.</param>
/// <param name="Subject">Where it is registered.</param>
/// <param name="Version">Its version there.</param>
public sealed record RegistryReference(
    [property: JsonPropertyName("name"), JsonRequired] string Name,
    [property: JsonPropertyName("subject"), JsonRequired] string Subject,
    [property: JsonPropertyName("version"), JsonRequired] int Version);

/// <summary>A schema on its way to and from a registry.</summary>
internal sealed record SchemaBody([property: JsonPropertyName("schema"), JsonRequired] string Schema)
{
    [JsonPropertyName("schemaType"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SchemaType { get; init; }

    [JsonPropertyName("references"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RegistryReference>? References { get; init; }

    [JsonPropertyName("metadata"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? Metadata { get; init; }

    [JsonPropertyName("ruleSet"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? RuleSet { get; init; }

    [JsonPropertyName("id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Id { get; init; }

    [JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Version { get; init; }

    [JsonPropertyName("guid"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Guid { get; init; }
}

/// <summary>A schema's names in a registry.</summary>
internal sealed record IdBody([property: JsonPropertyName("id"), JsonRequired] int Id, [property: JsonPropertyName("guid")] string? Guid = null);

internal sealed record ErrorBody([property: JsonPropertyName("error_code")] int ErrorCode, [property: JsonPropertyName("message")] string Message);

internal sealed record CompatibleBody([property: JsonPropertyName("is_compatible"), JsonRequired] bool IsCompatible, [property: JsonPropertyName("messages")] IReadOnlyList<string>? Messages = null);
