using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>A column, or a field of one.</summary>
/// <param name="Path">Names from the top-level column down; of arrays and maps also <c>element</c>, <c>key</c> and <c>value</c>.</param>
/// <param name="Physical">The same in physical names.</param>
/// <param name="IsInCollection">Whether it stands in an array or a map.</param>
internal sealed record LogField(JsonObject Json, IReadOnlyList<string> Path, IReadOnlyList<string> Physical, bool IsInCollection)
{
    public string Name => Path[^1];

    public JsonNode? Type => Json["type"];

    /// <summary>The name of a primitive type, or <c>struct</c>, <c>array</c>, <c>map</c>.</summary>
    public string TypeName => Type switch
    {
        JsonObject nested => nested["type"]?.ToString() ?? "",
        { } name => name.ToString(),
        null => "",
    };

    public JsonObject Metadata => Json["metadata"] as JsonObject ?? [];

    public string Dotted => string.Join('.', Path);

    /// <summary>All fields of a schema, those of structs, arrays and maps too, parents before children.</summary>
    /// <exception cref="JsonException">The text is no schema.</exception>
    public static IReadOnlyList<LogField> Parse(string schema)
    {
        List<LogField> fields = [];
        Struct(JsonNode.Parse(schema), [], [], false, fields);
        return fields;
    }

    private static void Struct(JsonNode? node, IReadOnlyList<string> path, IReadOnlyList<string> physical, bool inCollection, List<LogField> fields)
    {
        if (node is not JsonObject type || type["type"]?.ToString() != "struct" || type["fields"] is not JsonArray items)
            throw new JsonException($"{Faults.Text(node)} is no struct with fields");
        foreach (var item in items)
        {
            if (item is not JsonObject json || json["name"] is not JsonValue name || json["type"] is null || json["nullable"] is not JsonValue nullable || nullable.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False) || json["metadata"] is not JsonObject metadata)
                throw new JsonException($"{Faults.Text(item)} is no field with name, type, nullable and metadata");
            var field = new LogField(json, [.. path, name.ToString()], [.. physical, metadata["delta.columnMapping.physicalName"]?.ToString() ?? name.ToString()], inCollection);
            fields.Add(field);
            Inside(field.Type, field.Path, field.Physical, inCollection, fields);
        }
    }

    private static void Inside(JsonNode? type, IReadOnlyList<string> path, IReadOnlyList<string> physical, bool inCollection, List<LogField> fields)
    {
        switch (type)
        {
            case JsonObject nested when nested["type"]?.ToString() == "struct":
                Struct(nested, path, physical, inCollection, fields);
                break;
            case JsonObject nested when nested["type"]?.ToString() == "array":
                Inside(nested["elementType"], [.. path, "element"], [.. physical, "element"], true, fields);
                break;
            case JsonObject nested when nested["type"]?.ToString() == "map":
                Inside(nested["keyType"], [.. path, "key"], [.. physical, "key"], true, fields);
                Inside(nested["valueType"], [.. path, "value"], [.. physical, "value"], true, fields);
                break;
            case JsonValue name when IsPrimitive(name.ToString()):
                break;
            default:
                throw new JsonException($"{Faults.Text(type)} is no type");
        }
    }

    private static bool IsPrimitive(string name) =>
        name is "string" or "long" or "integer" or "short" or "byte" or "float" or "double" or "boolean" or "binary" or "date" or "timestamp" or "timestamp_ntz" or "variant" or "void"
        || (name.StartsWith("decimal(", StringComparison.Ordinal) && name.EndsWith(')')) || name.StartsWith("geo", StringComparison.Ordinal) || name is "null" or "decimal" || name.StartsWith("string collate", StringComparison.Ordinal)
        || name.StartsWith("char(", StringComparison.Ordinal) || name.StartsWith("varchar(", StringComparison.Ordinal);
}
