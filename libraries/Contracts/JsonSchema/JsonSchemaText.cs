using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Texts of schema documents.</summary>
internal static class JsonSchemaText
{
    public static string Canonical(JsonElement document) => AvroText.ToText(document.WriteTo, 256);

    /// <summary>Members by name.</summary>
    public static string Sorted(JsonElement value) => AvroText.ToText(writer => Write(writer, value), 16);

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
