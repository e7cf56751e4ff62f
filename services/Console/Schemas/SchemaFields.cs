using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Console.Schemas;

/// <summary>The fields of a schema, for people. A schema that cannot be read, or of a language without JSON, has none here: its text tells.</summary>
internal static class SchemaFields
{
    private const int MaxDepth = 64;
    private const int MaxFields = 5_000;

    private static readonly JsonSerializerOptions s_pretty = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<SchemaField> Of(string language, string schema)
    {
        if (language == "PROTOBUF" || Read(schema) is not { } root)
            return [];
        var fields = new List<SchemaField>();
        if (language == "JSON")
            OfProperties(root as JsonObject, "", fields, 0);
        else
            OfAvro(root, "", fields, 0);
        return fields;
    }

    /// <summary>Both together: in the order of the new schema, what is gone after it.</summary>
    public static IReadOnlyList<FieldChange> Changes(IReadOnlyList<SchemaField> old, IReadOnlyList<SchemaField> now)
    {
        var before = old.GroupBy(field => field.Path, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var paths = now.Select(field => field.Path).ToHashSet(StringComparer.Ordinal);
        return [.. now.Select(field => new FieldChange(field.Path, before.GetValueOrDefault(field.Path), field)), .. old.Where(field => !paths.Contains(field.Path)).Select(field => new FieldChange(field.Path, field, null))];
    }

    /// <summary>The text, a member a line where it is JSON.</summary>
    public static string Pretty(string schema) => Read(schema) is { } node ? node.ToJsonString(s_pretty) : schema;

    private static JsonNode? Read(string schema)
    {
        try
        {
            return JsonNode.Parse(schema, documentOptions: new JsonDocumentOptions { MaxDepth = 256 });
        }
        catch (JsonException)
        {
            // Protobuf, or what somebody is still writing: it is shown as it stands.
            return null;
        }
    }

    private static void OfAvro(JsonNode? type, string path, List<SchemaField> fields, int depth)
    {
        if (depth > MaxDepth || fields.Count >= MaxFields)
            return;
        switch (type)
        {
            case JsonArray union:
                foreach (var branch in union)
                    OfAvro(branch, path, fields, depth + 1);
                break;
            case JsonObject item when item["fields"] is JsonArray members:
                foreach (var member in members.OfType<JsonObject>())
                {
                    var name = path.Length == 0 ? Text(member, "name") : $"{path}.{Text(member, "name")}";
                    fields.Add(new SchemaField(name, Named(member["type"]), member.ContainsKey("default") ? member["default"]?.ToJsonString() ?? "null" : null, Text(member, "doc") is { Length: > 0 } doc ? doc : null));
                    OfAvro(member["type"], name, fields, depth + 1);
                }

                break;
            case JsonObject item:
                OfAvro(item["items"] ?? item["values"] ?? (item["type"] is JsonValue ? null : item["type"]), path, fields, depth + 1);
                break;
        }
    }

    private static void OfProperties(JsonObject? schema, string path, List<SchemaField> fields, int depth)
    {
        if (schema is null || depth > MaxDepth || fields.Count >= MaxFields)
            return;
        var required = (schema["required"] as JsonArray)?.Select(name => name?.ToString()).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, value) in schema["properties"] as JsonObject ?? [])
        {
            var item = value as JsonObject;
            var full = path.Length == 0 ? name : $"{path}.{name}";
            var type = item is null ? value?.ToJsonString() ?? "any" : item["type"]?.ToJsonString().Trim('"') ?? item["$ref"]?.ToString() ?? "any";
            fields.Add(new SchemaField(full, required.Contains(name) ? type : type + ", optional", item?["default"]?.ToJsonString(), item is null ? null : Text(item, "description") is { Length: > 0 } doc ? doc : null));
            OfProperties(item, full, fields, depth + 1);
            OfProperties(item?["items"] as JsonObject, full, fields, depth + 1);
        }
    }

    private static string Named(JsonNode? type) => type switch
    {
        JsonArray union => string.Join(" | ", union.Select(Named)),
        JsonObject item when item["logicalType"] is { } logical => item["precision"] is { } precision ? $"{logical}({precision},{item["scale"] ?? 0})" : $"{logical}",
        JsonObject item when item["type"]?.ToString() == "array" => $"array of {Named(item["items"])}",
        JsonObject item when item["type"]?.ToString() == "map" => $"map of {Named(item["values"])}",
        JsonObject item when item["symbols"] is JsonArray symbols => $"enum {Text(item, "name")} ({string.Join(", ", symbols.Take(12))}{(symbols.Count > 12 ? ", …" : "")})",
        JsonObject item when item["name"] is not null => $"{item["type"]} {Text(item, "name")}",
        JsonObject item => Named(item["type"]),
        null => "",
        _ => type.ToString(),
    };

    private static string Text(JsonObject item, string name) => item[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
