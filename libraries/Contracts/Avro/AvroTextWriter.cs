using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Writes one schema document anew. Definitions that are known but not of this document are written where their name first stands.</summary>
internal sealed class AvroTextWriter(Utf8JsonWriter writer, Dictionary<string, (JsonElement Type, string Space)> known)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    public static string FullName(JsonElement type, string space) => AvroNames.Qualify(
        type.GetProperty("name"u8).GetString()!,
        type.TryGetProperty("namespace"u8, out var own) && own.ValueKind == JsonValueKind.String ? own.GetString()! : space);

    /// <param name="type">The type as the document has it.</param>
    /// <param name="space">The namespace that names are read in.</param>
    /// <param name="around">The namespace that names are written in.</param>
    public void Type(JsonElement type, string space, string around)
    {
        switch (type.ValueKind)
        {
            case JsonValueKind.String:
                Name(type.GetString()!, space, around);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var branch in type.EnumerateArray())
                    Type(branch, space, around);

                writer.WriteEndArray();
                break;
            default:
                Object(type, space, around);
                break;
        }
    }

    private void Name(string name, string space, string around)
    {
        if (AvroSchemaParser.IsPrimitive(name))
        {
            writer.WriteStringValue(name);
            return;
        }

        var full = AvroNames.Qualify(name, space);
        if (!_written.Contains(full) && known.TryGetValue(full, out var definition))
            Type(definition.Type, definition.Space, around);
        else
            writer.WriteStringValue(Short(full, around));
    }

    private void Object(JsonElement type, string space, string around)
    {
        var kind = type.GetProperty("type"u8);
        if (kind.ValueKind != JsonValueKind.String)
        {
            Type(kind, space, around);
            return;
        }

        switch (kind.GetString()!)
        {
            case ("record" or "error" or "enum" or "fixed") and var named:
                Named(type, named, space, around);
                break;
            case "array" or "map":
                var part = kind.GetString() == "array" ? "items" : "values";
                writer.WriteStartObject();
                writer.WriteString("type"u8, kind.GetString());
                writer.WritePropertyName(part);
                Type(type.GetProperty(part), space, around);
                Properties(type);
                writer.WriteEndObject();
                break;
            case var name when AvroSchemaParser.IsPrimitive(name) && type.EnumerateObject().Any(property => !IsStructure(property)):
                writer.WriteStartObject();
                writer.WriteString("type"u8, name);
                Properties(type);
                writer.WriteEndObject();
                break;
            case var name:
                Name(name, space, around);
                break;
        }
    }

    private void Named(JsonElement type, string kind, string space, string around)
    {
        var full = FullName(type, space);
        var own = AvroNames.SpaceOf(full);
        _written.Add(full);
        writer.WriteStartObject();
        writer.WriteString("type"u8, kind);
        writer.WriteString("name"u8, full.AsSpan(full.LastIndexOf('.') + 1));
        if (own != around)
            writer.WriteString("namespace"u8, own);

        Copy(type, "doc"u8);
        if (kind == "enum")
        {
            Copy(type, "symbols"u8);
            Copy(type, "default"u8);
        }
        else if (kind == "fixed")
        {
            Copy(type, "size"u8);
        }
        else
        {
            writer.WriteStartArray("fields"u8);
            foreach (var field in type.GetProperty("fields"u8).EnumerateArray())
                Field(field, own);

            writer.WriteEndArray();
        }

        Properties(type, exceptDefault: kind == "enum");
        if (type.TryGetProperty("aliases"u8, out var aliases) && aliases.GetArrayLength() > 0)
        {
            writer.WriteStartArray("aliases");
            foreach (var alias in aliases.EnumerateArray())
                writer.WriteStringValue(Short(AvroNames.Qualify(alias.GetString()!, own), own));

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private void Field(JsonElement field, string space)
    {
        writer.WriteStartObject();
        Copy(field, "name"u8);
        writer.WritePropertyName("type"u8);
        Type(field.GetProperty("type"u8), space, space);
        Copy(field, "doc"u8);
        Copy(field, "default"u8);
        if (field.TryGetProperty("order"u8, out var order) && !order.ValueEquals("ascending"u8))
            Copy(field, "order"u8);

        if (field.TryGetProperty("aliases"u8, out var aliases) && aliases.GetArrayLength() > 0)
            Copy(field, "aliases"u8);

        foreach (var property in field.EnumerateObject())
        {
            if (!IsFieldStructure(property))
                property.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private void Properties(JsonElement type, bool exceptDefault = false)
    {
        foreach (var property in type.EnumerateObject())
        {
            if (!IsStructure(property) && !(exceptDefault && property.NameEquals("default"u8)))
                property.WriteTo(writer);
        }
    }

    // By their bytes: a text for each name of a document of megabytes is half of what writing it allocates.
    private static bool IsStructure(JsonProperty property) =>
        property.NameEquals("type"u8) || property.NameEquals("name"u8) || property.NameEquals("fields"u8) || property.NameEquals("namespace"u8) || property.NameEquals("doc"u8)
        || property.NameEquals("symbols"u8) || property.NameEquals("size"u8) || property.NameEquals("items"u8) || property.NameEquals("values"u8) || property.NameEquals("aliases"u8);

    private static bool IsFieldStructure(JsonProperty property) =>
        property.NameEquals("name"u8) || property.NameEquals("type"u8) || property.NameEquals("doc"u8) || property.NameEquals("default"u8)
        || property.NameEquals("order"u8) || property.NameEquals("aliases"u8);

    private void Copy(JsonElement type, ReadOnlySpan<byte> key)
    {
        if (type.TryGetProperty(key, out var value))
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }
    }

    private static string Short(string full, string around) => AvroNames.SpaceOf(full) == around ? full[(full.LastIndexOf('.') + 1)..] : full;
}
