using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// The normal form of an Avro schema: full names, keys in one order, custom attributes by name. As the parsing canonical
/// form, but nothing that has a meaning to a reader, a rule or a person is dropped.
/// </summary>
internal sealed class AvroNormalText(Utf8JsonWriter writer)
{
    private static readonly HashSet<string> Written = new(StringComparer.Ordinal)
    {
        "type", "name", "namespace", "fields", "symbols", "size", "items", "values", "logicalType", "precision", "scale", "doc", "default", "order", "aliases",
    };

    /// <param name="canonical">The canonical text, in which a repeated definition is a name already.</param>
    public static string Write(string canonical)
    {
        using var document = JsonDocument.Parse(canonical, AvroText.Input);
        return AvroText.ToText(output => new AvroNormalText(output).Type(document.RootElement, ""), canonical.Length);
    }

    private void Type(JsonElement type, string space)
    {
        switch (type.ValueKind)
        {
            case JsonValueKind.String:
                var name = type.GetString()!;
                writer.WriteStringValue(AvroSchemaParser.IsPrimitive(name) ? name : AvroNames.Qualify(name, space));
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var branch in type.EnumerateArray())
                    Type(branch, space);

                writer.WriteEndArray();
                break;
            default:
                Object(type, space);
                break;
        }
    }

    private void Object(JsonElement type, string space)
    {
        var kind = type.GetProperty("type").GetString()!;
        var named = kind is "record" or "error" or "enum" or "fixed";
        writer.WriteStartObject();
        if (named)
        {
            var full = AvroTextWriter.FullName(type, space);
            space = AvroNames.SpaceOf(full);
            writer.WriteString("name", full);
        }

        writer.WriteString("type", kind == "error" ? "record" : kind);
        if (type.TryGetProperty("items", out var items))
            Part("items", items, space);

        if (type.TryGetProperty("values", out var values))
            Part("values", values, space);

        Copy(type, "symbols");
        Copy(type, "size");
        if (type.TryGetProperty("fields", out var fields))
        {
            writer.WriteStartArray("fields");
            foreach (var field in fields.EnumerateArray())
                Field(field, space);

            writer.WriteEndArray();
        }

        Logical(type);
        if (named)
            Copy(type, "doc");

        if (kind == "enum")
            Copy(type, "default");

        Aliases(type, space);
        Rest(type, kind);
        writer.WriteEndObject();
    }

    private void Field(JsonElement field, string space)
    {
        writer.WriteStartObject();
        Copy(field, "name");
        Part("type", field.GetProperty("type"), space);
        Copy(field, "doc");
        Copy(field, "default");
        Copy(field, "order");
        Copy(field, "aliases");
        Rest(field, "");
        writer.WriteEndObject();
    }

    private void Logical(JsonElement type)
    {
        Copy(type, "logicalType");
        Copy(type, "precision");
        if (type.TryGetProperty("scale", out var scale) && scale.GetRawText() != "0")
            Copy(type, "scale");
    }

    private void Aliases(JsonElement type, string space)
    {
        if (!type.TryGetProperty("aliases", out var aliases))
            return;

        writer.WriteStartArray("aliases");
        foreach (var alias in aliases.EnumerateArray().Select(alias => AvroNames.Qualify(alias.GetString()!, space)).Order(StringComparer.Ordinal))
            writer.WriteStringValue(alias);

        writer.WriteEndArray();
    }

    private void Rest(JsonElement type, string kind)
    {
        foreach (var property in type.EnumerateObject().Where(property => !Written.Contains(property.Name)).OrderBy(property => property.Name, StringComparer.Ordinal))
            property.WriteTo(writer);

        // An attribute of these names on a type that gives it no meaning is custom.
        if (kind is not ("" or "enum"))
            Copy(type, "default");

        if (kind.Length > 0)
            Copy(type, "order");
    }

    private void Part(string key, JsonElement type, string space)
    {
        writer.WritePropertyName(key);
        Type(type, space);
    }

    private void Copy(JsonElement type, string key)
    {
        if (type.TryGetProperty(key, out var value))
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }
    }
}
