using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>The types' own keywords.</summary>
internal sealed partial class JsonSchemaLoader
{
    private static JsonStringNode ReadString(JsonElement element, HashSet<string> keys, string path, Common common) => new()
    {
        Source = common.Source,
        HasDefault = common.HasDefault,
        ConnectType = common.ConnectType,
        MaxLength = Count(element, keys, "maxLength", path),
        MinLength = Count(element, keys, "minLength", path),
        Pattern = !keys.Contains("pattern") ? null : JsonSchemaSources.Text(element, "pattern") ?? throw Fault($"{path}/pattern", element.GetProperty("pattern"), "a text"),
    };

    private static JsonNumberNode ReadNumber(JsonElement element, HashSet<string> keys, string path, Common common, bool isInteger)
    {
        var (maximum, minimum) = (Number(element, keys, "maximum", path), Number(element, keys, "minimum", path));
        return new JsonNumberNode
        {
            Source = common.Source,
            HasDefault = common.HasDefault,
            ConnectType = common.ConnectType,
            IsInteger = isInteger,
            Maximum = maximum,
            Minimum = minimum,
            ExclusiveMaximum = Exclusive(element, keys, "exclusiveMaximum", maximum, path),
            ExclusiveMinimum = Exclusive(element, keys, "exclusiveMinimum", minimum, path),
            MultipleOf = !keys.Contains("multipleOf") ? null : element.GetProperty("multipleOf") is { ValueKind: JsonValueKind.Number } value && value.TryGetDecimal(out var number) && number > 0 ? number : throw Fault($"{path}/multipleOf", element.GetProperty("multipleOf"), "a number above 0"),
        };
    }

    private JsonArrayNode ReadArray(JsonSchemaPlace place, HashSet<string> keys, string path, Common common)
    {
        var element = place.Element;
        var tuple = keys.Contains("prefixItems") ? "prefixItems" : keys.Contains("items") && element.GetProperty("items").ValueKind == JsonValueKind.Array ? "items" : null;
        if (tuple is not null && element.GetProperty(tuple).ValueKind != JsonValueKind.Array)
            throw Fault($"{path}/{tuple}", element.GetProperty(tuple), "an array of schemas");

        // What follows the items that are named: the newest draft calls it items, the others additionalItems.
        var rest = tuple == "prefixItems" ? (keys.Contains("items") ? "items" : null) : keys.Contains("additionalItems") && tuple is not null ? "additionalItems" : null;
        var more = rest is null ? null : Member(place, rest, path);
        var all = tuple is null && keys.Contains("items") ? Member(place, "items", path) : null;
        if (keys.Contains("contains"))
            Member(place, "contains", path);

        return new JsonArrayNode
        {
            Source = common.Source,
            HasDefault = common.HasDefault,
            ConnectType = common.ConnectType,
            AllItems = all is JsonAnyNode ? null : all,
            Items = tuple is null ? [] : ReadList(place, element.GetProperty(tuple), $"{path}/{tuple}"),
            AllowsMore = more is not JsonNothingNode,
            More = more is JsonAnyNode or JsonNothingNode ? null : more,
            Unevaluated = keys.Contains("unevaluatedItems") ? Member(place, "unevaluatedItems", path) : null,
            MaxItems = Count(element, keys, "maxItems", path),
            MinItems = Count(element, keys, "minItems", path),
            MaxContains = Count(element, keys, "maxContains", path),
            MinContains = Count(element, keys, "minContains", path),
            Unique = keys.Contains("uniqueItems") && element.GetProperty("uniqueItems").ValueKind == JsonValueKind.True,
        };
    }

    private JsonObjectNode ReadObject(JsonSchemaPlace place, HashSet<string> keys, string path, Common common)
    {
        var element = place.Element;
        var more = keys.Contains("additionalProperties") ? Member(place, "additionalProperties", path) : null;
        if (keys.Contains("propertyNames"))
            Member(place, "propertyNames", path);

        var (dependencies, schemas) = ReadDependencies(place, keys, path);
        return new JsonObjectNode
        {
            Source = common.Source,
            HasDefault = common.HasDefault,
            ConnectType = common.ConnectType,
            Properties = Members(place, keys, "properties", path),
            Required = Required(element, keys, path),
            Patterns = [.. Members(place, keys, "patternProperties", path).Select(pair => (new JsonPattern(pair.Key, $"{path}/patternProperties"), pair.Value))],
            PropertyDependencies = dependencies,
            SchemaDependencies = schemas,
            AllowsMore = more is not JsonNothingNode,
            More = more is JsonAnyNode or JsonNothingNode ? null : more,
            Unevaluated = keys.Contains("unevaluatedProperties") ? Member(place, "unevaluatedProperties", path) : null,
            MaxProperties = Count(element, keys, "maxProperties", path),
            MinProperties = Count(element, keys, "minProperties", path),
        };
    }

    private (Dictionary<string, IReadOnlySet<string>> Names, Dictionary<string, JsonSchemaNode> Schemas) ReadDependencies(JsonSchemaPlace place, HashSet<string> keys, string path)
    {
        var names = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        var schemas = new Dictionary<string, JsonSchemaNode>(StringComparer.Ordinal);
        foreach (var key in new[] { "dependencies", "dependentRequired", "dependentSchemas" })
        {
            if (!keys.Contains(key))
                continue;

            foreach (var member in Object(place.Element, key, path).EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.Array)
                    names[member.Name] = Texts(member.Value, $"{path}/{key}/{member.Name}");
                else if (member.Value.ValueKind == JsonValueKind.String)
                    names[member.Name] = new HashSet<string>(StringComparer.Ordinal) { member.Value.GetString()! };
                else
                    schemas[member.Name] = Read(place with { Element = member.Value }, $"{path}/{key}/{member.Name}");
            }
        }

        return (names, schemas);
    }

    private Dictionary<string, JsonSchemaNode> Members(JsonSchemaPlace place, HashSet<string> keys, string key, string path)
    {
        var members = new Dictionary<string, JsonSchemaNode>(StringComparer.Ordinal);
        if (!keys.Contains(key))
            return members;

        foreach (var member in Object(place.Element, key, path).EnumerateObject())
            members[member.Name] = Read(place with { Element = member.Value }, $"{path}/{key}/{member.Name}");

        return members;
    }

    private static HashSet<string> Required(JsonElement element, HashSet<string> keys, string path)
    {
        // Draft 3 wrote a boolean here; it says nothing about the object's own properties.
        if (!keys.Contains("required") || element.GetProperty("required").ValueKind is JsonValueKind.True or JsonValueKind.False)
            return new HashSet<string>(StringComparer.Ordinal);

        return Texts(element.GetProperty("required"), $"{path}/required");
    }

    private static HashSet<string> Texts(JsonElement list, string path)
    {
        if (list.ValueKind != JsonValueKind.Array)
            throw Fault(path, list, "an array of names");

        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.EnumerateArray())
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Fault(path, item, "a name"));

        return texts;
    }

    private static JsonElement Object(JsonElement element, string key, string path) =>
        element.GetProperty(key) is { ValueKind: JsonValueKind.Object } found ? found : throw Fault($"{path}/{key}", element.GetProperty(key), "an object of schemas");

    private static decimal? Count(JsonElement element, HashSet<string> keys, string key, string path)
    {
        if (!keys.Contains(key))
            return null;

        var value = element.GetProperty(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number >= 0 && number == decimal.Truncate(number)
            ? number
            : throw Fault($"{path}/{key}", value, "a whole number that is not negative");
    }

    private static double? Number(JsonElement element, HashSet<string> keys, string key, string path) =>
        !keys.Contains(key) ? null : element.GetProperty(key) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : throw Fault($"{path}/{key}", element.GetProperty(key), "a number");

    // Draft 4 says by a boolean that the limit itself is excluded.
    private static double? Exclusive(JsonElement element, HashSet<string> keys, string key, double? limit, string path)
    {
        if (!keys.Contains(key))
            return null;

        return element.GetProperty(key).ValueKind switch
        {
            JsonValueKind.True => limit,
            JsonValueKind.False => null,
            _ => Number(element, keys, key, path),
        };
    }
}
