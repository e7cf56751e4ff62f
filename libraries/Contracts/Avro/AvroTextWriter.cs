using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Writes one schema document anew. Definitions that are known but not of this document are written where their name first stands.</summary>
internal sealed class AvroTextWriter(Utf8JsonWriter writer, Dictionary<string, (JsonElement Type, string Space)> known)
{
    private static readonly HashSet<string> Structure = new(StringComparer.Ordinal)
    {
        "type", "name", "namespace", "doc", "fields", "symbols", "size", "items", "values", "aliases",
    };

    private static readonly HashSet<string> FieldStructure = new(StringComparer.Ordinal) { "name", "type", "doc", "default", "order", "aliases" };

    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    public static string FullName(JsonElement type, string space) => AvroNames.Qualify(
        type.GetProperty("name").GetString()!,
        type.TryGetProperty("namespace", out var own) && own.ValueKind == JsonValueKind.String ? own.GetString()! : space);

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
        var kind = type.GetProperty("type");
        if (kind.ValueKind != JsonValueKind.String)
        {
            Type(kind, space, around);
            return;
        }

        switch (kind.GetString()!)
        {
            case "record" or "error" or "enum" or "fixed":
                Named(type, kind.GetString()!, space, around);
                break;
            case "array" or "map":
                var part = kind.GetString() == "array" ? "items" : "values";
                writer.WriteStartObject();
                writer.WriteString("type", kind.GetString());
                writer.WritePropertyName(part);
                Type(type.GetProperty(part), space, around);
                Properties(type, Structure);
                writer.WriteEndObject();
                break;
            case var name when AvroSchemaParser.IsPrimitive(name) && type.EnumerateObject().Any(property => !Structure.Contains(property.Name)):
                writer.WriteStartObject();
                writer.WriteString("type", name);
                Properties(type, Structure);
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
        writer.WriteString("type", kind);
        writer.WriteString("name", full[(full.LastIndexOf('.') + 1)..]);
        if (own != around)
            writer.WriteString("namespace", own);

        Copy(type, "doc");
        if (kind == "enum")
        {
            Copy(type, "symbols");
            Copy(type, "default");
        }
        else if (kind == "fixed")
        {
            Copy(type, "size");
        }
        else
        {
            writer.WriteStartArray("fields");
            foreach (var field in type.GetProperty("fields").EnumerateArray())
                Field(field, own);

            writer.WriteEndArray();
        }

        Properties(type, Structure, kind == "enum" ? "default" : null);
        if (type.TryGetProperty("aliases", out var aliases) && aliases.GetArrayLength() > 0)
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
        Copy(field, "name");
        writer.WritePropertyName("type");
        Type(field.GetProperty("type"), space, space);
        Copy(field, "doc");
        Copy(field, "default");
        if (field.TryGetProperty("order", out var order) && !order.ValueEquals("ascending"))
            Copy(field, "order");

        if (field.TryGetProperty("aliases", out var aliases) && aliases.GetArrayLength() > 0)
            Copy(field, "aliases");

        Properties(field, FieldStructure);
        writer.WriteEndObject();
    }

    private void Properties(JsonElement type, HashSet<string> structure, string? also = null)
    {
        foreach (var property in type.EnumerateObject())
        {
            if (!structure.Contains(property.Name) && property.Name != also)
                property.WriteTo(writer);
        }
    }

    private void Copy(JsonElement type, string key)
    {
        if (type.TryGetProperty(key, out var value))
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }
    }

    private static string Short(string full, string around) => AvroNames.SpaceOf(full) == around ? full[(full.LastIndexOf('.') + 1)..] : full;
}
