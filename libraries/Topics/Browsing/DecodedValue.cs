using System.Text.Json.Nodes;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>A value as it is shown and searched.</summary>
/// <param name="Format"><c>avro</c>, <c>protobuf</c>, <c>json</c>, <c>text</c>, <c>bytes</c> (base64) or <c>null</c>.</param>
/// <param name="Schema">Id of the schema in the registry.</param>
/// <param name="Fault">Why it could not be decoded as asked.</param>
public sealed record DecodedValue(string Format, JsonNode? Value, int? Schema, string? Fault)
{
    private string? _text;

    /// <summary>What a search looks through.</summary>
    public string Text => _text ??= Value is null ? "" : Value is JsonValue value && value.TryGetValue<string>(out var text) ? text : Value.ToJsonString(MessageDecoder.Relaxed);
}
