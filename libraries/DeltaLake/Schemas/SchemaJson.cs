using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>A table's schema in Delta's JSON form (PROTOCOL.md, "Schema Serialization Format").</summary>
internal static class SchemaJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(StructType schema)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output, s_options))
            WriteType(writer, schema);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    public static StructType Read(string table, string json)
    {
        // Some writers leave the schema of a table that has no columns yet away.
        if (json.Length == 0)
            return new StructType([]);
        try
        {
            using var document = JsonDocument.Parse(json);
            return ReadStruct(table, document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DeltaException(table, $"schemaString: {exception.Message}; expected a struct type in JSON.", exception);
        }
    }

    private static StructType ReadStruct(string table, JsonElement element) =>
        new([.. element.GetProperty("fields").EnumerateArray().Select(field => ReadField(table, field))]);

    private static SchemaField ReadField(string table, JsonElement element)
    {
        var name = element.GetProperty("name").GetString()!;
        var nullable = !element.TryGetProperty("nullable", out var flag) || flag.GetBoolean();
        var field = new SchemaField(name, ReadType(table, name, element.GetProperty("type")), nullable);
        return element.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
            ? field with { Metadata = metadata.EnumerateObject().ToDictionary(item => item.Name, item => item.Value.Clone(), StringComparer.Ordinal) }
            : field;
    }

    private static DeltaType ReadType(string table, string field, JsonElement type)
    {
        if (type.ValueKind == JsonValueKind.String)
            return ReadPrimitive(table, field, type.GetString()!);
        switch (type.GetProperty("type").GetString())
        {
            case "struct":
                return ReadStruct(table, type);
            case "array":
                return new ArrayType(ReadType(table, field, type.GetProperty("elementType")), !type.TryGetProperty("containsNull", out var containsNull) || containsNull.GetBoolean());
            case "map":
                return new MapType(
                    ReadType(table, field, type.GetProperty("keyType")),
                    ReadType(table, field, type.GetProperty("valueType")),
                    !type.TryGetProperty("valueContainsNull", out var valueContainsNull) || valueContainsNull.GetBoolean());
            case var other:
                throw new DeltaUnsupportedException(table, $"cannot be read: column '{field}' is of type {other}; expected struct, array, map or a primitive type; read this table with another engine.");
        }
    }

    internal static DeltaType ReadPrimitive(string table, string field, string text)
    {
        if (PrimitiveType.ByName.TryGetValue(text, out var primitive))
            return primitive;
        if (text == "decimal")
            return new DecimalType(10, 0);
        if (text.StartsWith("decimal(", StringComparison.Ordinal) && text.EndsWith(')'))
        {
            var parts = text["decimal(".Length..^1].Split(',');
            if (parts.Length is 1 or 2 && int.TryParse(parts[0], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var precision))
                return new DecimalType(precision, parts.Length > 1 ? int.Parse(parts[1].Trim(), CultureInfo.InvariantCulture) : 0);
        }

        // Spark's char(n) and varchar(n) are strings in the schema, with the length in the metadata; older writers wrote them here.
        if (text.StartsWith("varchar", StringComparison.Ordinal) || text.StartsWith("char", StringComparison.Ordinal))
            return PrimitiveType.String;
        throw new DeltaUnsupportedException(table, $"cannot be read: column '{field}' is of type {text}; expected {string.Join(", ", PrimitiveType.ByName.Keys)} or decimal; read this table with another engine.");
    }

    private static void WriteType(Utf8JsonWriter writer, DeltaType type)
    {
        switch (type)
        {
            case StructType structure:
                writer.WriteStartObject();
                writer.WriteString("type", "struct");
                writer.WriteStartArray("fields");
                foreach (var field in structure.Fields)
                    WriteField(writer, field);
                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
            case ArrayType array:
                writer.WriteStartObject();
                writer.WriteString("type", "array");
                writer.WritePropertyName("elementType");
                WriteType(writer, array.ElementType);
                writer.WriteBoolean("containsNull", array.ContainsNull);
                writer.WriteEndObject();
                break;
            case MapType map:
                writer.WriteStartObject();
                writer.WriteString("type", "map");
                writer.WritePropertyName("keyType");
                WriteType(writer, map.KeyType);
                writer.WritePropertyName("valueType");
                WriteType(writer, map.ValueType);
                writer.WriteBoolean("valueContainsNull", map.ValueContainsNull);
                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(type.SqlName);
                break;
        }
    }

    private static void WriteField(Utf8JsonWriter writer, SchemaField field)
    {
        writer.WriteStartObject();
        writer.WriteString("name", field.Name);
        writer.WritePropertyName("type");
        WriteType(writer, field.Type);
        writer.WriteBoolean("nullable", field.Nullable);
        writer.WriteStartObject("metadata");
        foreach (var (key, value) in field.Metadata)
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
