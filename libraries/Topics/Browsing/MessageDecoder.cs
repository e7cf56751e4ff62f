using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>Decodes values for one query. A schema that could not be had is not asked for again in it. Not thread-safe.</summary>
/// <param name="registry">Where schemas are had; null shows Avro as bytes.</param>
/// <param name="format"><c>auto</c>, <c>avro</c>, <c>json</c>, <c>text</c> or <c>bytes</c>.</param>
/// <param name="masked">Whether fields that a schema tags as personal are masked.</param>
public sealed class MessageDecoder(SchemaRegistryClient? registry, string format, bool masked = true)
{
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Formats = ["auto", "avro", "json", "text", "bytes"];
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly Dictionary<int, (FramedSchema? Schema, string? Fault)> _schemas = [];
    private readonly string _format = Formats.Contains(format) ? format : throw Refuse.Invalid("decode", $"'{format}'", string.Join(", ", Formats));

    public async ValueTask<DecodedValue> DecodeAsync(ReadOnlyMemory<byte>? stored, CancellationToken cancellationToken)
    {
        if (stored is not { } value)
            return new DecodedValue("null", null, null, null);
        switch (_format)
        {
            case "bytes":
                return Bytes(value, null, null);
            case "text":
                return new DecodedValue("text", Encoding.UTF8.GetString(value.Span), null, null);
            case "json":
                return Json(value.Span) is { } json ? new DecodedValue("json", json.Node, null, null) : Bytes(value, null, "it is not JSON");
        }

        if (ConfluentFrame.TryRead(value.Span, out var id, out _))
            return await FramedAsync(value, id, cancellationToken);
        if (_format == "avro")
            return Bytes(value, null, "it does not begin with the mark of Confluent's wire format");
        if (Json(value.Span) is { } found)
            return new DecodedValue("json", found.Node, null, null);
        return Text(value.Span) is { } text ? new DecodedValue("text", text, null, null) : Bytes(value, null, null);
    }

    /// <summary>A key or header: text where it is one, else base64.</summary>
    public static string Label(ReadOnlySpan<byte> bytes) => Text(bytes) ?? $"base64:{Convert.ToBase64String(bytes)}";

    /// <summary>The Avro schema of a framed value and its personal fields; null where it cannot be had, or is of another language.</summary>
    public async ValueTask<(AvroSchema Schema, PersonalFields Personal)?> FindSchemaAsync(int id, CancellationToken cancellationToken)
    {
        if (registry is null)
            return null;
        if (!_schemas.TryGetValue(id, out var known))
            _schemas[id] = known = await FetchAsync(registry, id, cancellationToken);
        return known.Schema is { Avro: { } schema } framed ? (schema, framed.Personal) : null;
    }

    private async ValueTask<DecodedValue> FramedAsync(ReadOnlyMemory<byte> value, int id, CancellationToken cancellationToken)
    {
        if (registry is null)
            return Bytes(value, id, "no schema registry is set");
        if (!_schemas.TryGetValue(id, out var known))
            _schemas[id] = known = await FetchAsync(registry, id, cancellationToken);
        if (known.Schema is null || (_format == "avro" && known.Schema.Avro is null))
            return Bytes(value, id, known.Fault ?? $"its schema is not Avro but {known.Schema!.Format}");
        try
        {
            var node = known.Schema.Decode(value.Span[ConfluentFrame.HeaderLength..]);
            return new DecodedValue(known.Schema.Format, masked ? known.Schema.Personal.Mask(node) : node, id, null);
        }
        catch (Exception e) when (e is ContractException or JsonException)
        {
            return Bytes(value, id, e.Message);
        }
    }

    private static async Task<(FramedSchema?, string?)> FetchAsync(SchemaRegistryClient registry, int id, CancellationToken cancellationToken)
    {
        try
        {
            return await registry.FindSchemaAsync(id, cancellationToken) is { } schema
                ? (FramedSchema.Of(schema), null)
                : (null, $"the registry has no schema of id {id}");
        }
        catch (Exception e) when (e is RealTimeMeshException or JsonException)
        {
            return (null, e.Message);
        }
    }

    private static DecodedValue Bytes(ReadOnlyMemory<byte> value, int? schema, string? fault) => new("bytes", Convert.ToBase64String(value.Span), schema, fault);

    private static (JsonNode? Node, bool Found)? Json(ReadOnlySpan<byte> value)
    {
        var start = value.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty || !(start[0] is (byte)'{' or (byte)'[' or (byte)'"' or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n' || char.IsAsciiDigit((char)start[0])))
            return null;
        try
        {
            return (JsonNode.Parse(value), true);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(ReadOnlySpan<byte> value)
    {
        try
        {
            var text = Strict.GetString(value);
            return text.All(c => !char.IsControl(c) || c is '\t' or '\r' or '\n') ? text : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
