using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// The canonical text of a schema document: one order of keys, no white space, <c>{"type":"string"}</c> as
/// <c>"string"</c>. Unlike Avro's parsing canonical form it keeps docs, defaults, aliases, logical types and custom
/// attributes: two contracts that differ in those are two contracts.
/// </summary>
public static class SchemaText
{
    private static readonly string[] KeyOrder = ["name", "type", "namespace", "doc", "fields", "symbols", "items", "values", "size", "default", "order", "aliases"];

    private static readonly JsonWriterOptions Output = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Normalises a document that <see cref="AvroSchema.Parse"/> accepts.</summary>
    public static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        var buffer = new ArrayBufferWriter<byte>(json.Length);
        using (var writer = new Utf8JsonWriter(buffer, Output))
            WriteType(writer, document.RootElement);

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteType(Utf8JsonWriter writer, JsonElement type)
    {
        switch (type.ValueKind)
        {
            case JsonValueKind.Array:
                WriteArray(writer, type);
                break;
            case JsonValueKind.Object when type.EnumerateObject().Take(2).Count() == 1 && type.TryGetProperty("type", out var inner):
                WriteType(writer, inner);
                break;
            case JsonValueKind.Object:
                WriteObject(writer, type);
                break;
            default:
                type.WriteTo(writer);
                break;
        }
    }

    private static void WriteArray(Utf8JsonWriter writer, JsonElement types)
    {
        writer.WriteStartArray();
        foreach (var item in types.EnumerateArray())
            WriteType(writer, item);

        writer.WriteEndArray();
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement type)
    {
        writer.WriteStartObject();
        foreach (var property in type.EnumerateObject().OrderBy(property => Rank(property.Name)).ThenBy(property => property.Name, StringComparer.Ordinal))
        {
            writer.WritePropertyName(property.Name);
            if (property.Name is "type" or "items" or "values")
                WriteType(writer, property.Value);
            else if (property.Name == "fields" && property.Value.ValueKind == JsonValueKind.Array)
                WriteFields(writer, property.Value);
            else
                property.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, JsonElement fields)
    {
        writer.WriteStartArray();
        foreach (var field in fields.EnumerateArray())
            WriteObject(writer, field);

        writer.WriteEndArray();
    }

    private static int Rank(string key) => Array.IndexOf(KeyOrder, key) is >= 0 and var rank ? rank : KeyOrder.Length;
}
