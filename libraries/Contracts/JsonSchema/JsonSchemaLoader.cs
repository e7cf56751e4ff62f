using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Reads schema documents of drafts 4, 6, 7, 2019-09 and 2020-12.</summary>
internal sealed partial class JsonSchemaLoader
{
    private static readonly string[] StringKeys = ["maxLength", "minLength", "pattern"];
    private static readonly string[] NumberKeys = ["maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"];
    private static readonly string[] ArrayKeys = ["items", "prefixItems", "additionalItems", "unevaluatedItems", "maxItems", "minItems", "uniqueItems", "contains", "maxContains", "minContains"];
    private static readonly string[] ObjectKeys = ["properties", "required", "additionalProperties", "unevaluatedProperties", "patternProperties", "dependencies", "dependentRequired", "dependentSchemas", "propertyNames", "maxProperties", "minProperties"];

    private readonly JsonSchemaSources _sources;
    private readonly bool _referencesHaveSiblings;
    private readonly Queue<(JsonReferenceNode Node, JsonSchemaPlace From, string Reference, string Path)> _open = [];
    private readonly Dictionary<string, JsonSchemaNode> _targets = new(StringComparer.Ordinal);

    private JsonSchemaLoader(JsonSchemaSources sources)
    {
        _sources = sources;
        var root = sources.Root.Element;
        var draft = (root.ValueKind == JsonValueKind.Object ? JsonSchemaSources.Text(root, "$schema") : null) ?? "";
        _referencesHaveSiblings = draft.Contains("2019-09", StringComparison.Ordinal) || draft.Contains("2020-12", StringComparison.Ordinal);
    }

    /// <summary>Reads the root document. Throws <see cref="ContractException"/> with the path that is wrong.</summary>
    public static JsonSchemaNode Load(JsonSchemaSources sources)
    {
        var loader = new JsonSchemaLoader(sources);
        var root = loader.Read(sources.Root, "#");
        while (loader._open.TryDequeue(out var open))
            open.Node.Target = loader.Resolve(open.From, open.Reference, open.Path);

        return root;
    }

    private JsonSchemaNode Resolve(JsonSchemaPlace from, string reference, string path)
    {
        if (_sources.Find(from, reference) is not { } found)
        {
            return JsonSchemaSources.IsMetaSchema(reference)
                ? new JsonAnyNode()
                : throw new ContractException($"{path}: found $ref '{RowFaults.Cut(reference)}'; expected a place of this document, or the name of a reference. Register the other document and name it among the references.");
        }

        // A place is read once: reading it for each reference would let a cycle never end.
        if (_targets.TryGetValue(found.Name, out var known))
            return known;

        return _targets[found.Name] = Read(found.Place, reference);
    }

    private JsonSchemaNode Read(JsonSchemaPlace place, string path)
    {
        var element = place.Element;
        switch (element.ValueKind)
        {
            case JsonValueKind.True:
                return new JsonAnyNode { Source = element };
            case JsonValueKind.False:
                return new JsonNothingNode { Source = element };
            case not JsonValueKind.Object:
                throw Fault(path, element, "an object or a boolean");
        }

        place = place with { Base = JsonSchemaSources.BaseOf(element, place.Base) };
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
            keys.Add(member.Name);

        var parts = new List<JsonSchemaNode>();
        var common = new Common(element, keys.Contains("default"), keys.Contains("connect.type") ? JsonSchemaSources.Text(element, "connect.type") : null);
        if (Reference(place, keys, path) is { } reference)
        {
            if (!_referencesHaveSiblings)
                return reference;

            parts.Add(reference);
        }

        AddTyped(place, keys, path, common, parts);
        AddValues(element, keys, path, common, parts);
        AddCombined(place, keys, path, common, parts);
        return parts.Count switch
        {
            0 => new JsonAnyNode { Source = element, HasDefault = common.HasDefault },
            1 => parts[0],
            _ => new JsonCombinedNode { Source = element, HasDefault = common.HasDefault, ConnectType = common.ConnectType, Criterion = "allOf", Parts = parts },
        };
    }

    private JsonReferenceNode? Reference(JsonSchemaPlace place, HashSet<string> keys, string path)
    {
        var key = keys.Contains("$ref") ? "$ref" : keys.Contains("$dynamicRef") ? "$dynamicRef" : keys.Contains("$recursiveRef") ? "$recursiveRef" : null;
        if (key is null)
            return null;

        var value = place.Element.GetProperty(key);
        if (value.ValueKind != JsonValueKind.String)
        {
            // A property may be called $ref where properties are listed, but not here.
            throw Fault($"{path}/{key}", value, "a text");
        }

        var node = new JsonReferenceNode { Source = place.Element };
        _open.Enqueue((node, place, value.GetString()!, path));
        return node;
    }

    private void AddTyped(JsonSchemaPlace place, HashSet<string> keys, string path, Common common, List<JsonSchemaNode> parts)
    {
        if (!keys.Contains("type"))
        {
            if (keys.Overlaps(ArrayKeys))
                parts.Add(ReadArray(place, keys, path, common));

            if (keys.Overlaps(ObjectKeys))
                parts.Add(ReadObject(place, keys, path, common));

            if (keys.Overlaps(NumberKeys))
                parts.Add(ReadNumber(place.Element, keys, path, common, isInteger: false));

            if (keys.Overlaps(StringKeys))
                parts.Add(ReadString(place.Element, keys, path, common));

            return;
        }

        var type = place.Element.GetProperty("type");
        if (type.ValueKind == JsonValueKind.String)
        {
            parts.Add(ReadType(type.GetString()!, place, keys, path, common));
            return;
        }

        if (type.ValueKind != JsonValueKind.Array || type.GetArrayLength() == 0)
            throw Fault($"{path}/type", type, "the name of a type, or an array of names");

        var types = new List<JsonSchemaNode>();
        foreach (var name in type.EnumerateArray())
            types.Add(ReadType(name.ValueKind == JsonValueKind.String ? name.GetString()! : throw Fault($"{path}/type", name, "the name of a type"), place, keys, path, common));

        parts.Add(types.Count == 1 ? types[0] : new JsonCombinedNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType, Criterion = "anyOf", Parts = types });
    }

    private JsonSchemaNode ReadType(string type, JsonSchemaPlace place, HashSet<string> keys, string path, Common common) => type switch
    {
        "string" => ReadString(place.Element, keys, path, common),
        "integer" => ReadNumber(place.Element, keys, path, common, isInteger: true),
        "number" => ReadNumber(place.Element, keys, path, common, isInteger: false),
        "boolean" => new JsonBooleanNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType },
        "null" => new JsonNullNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType },
        "array" => ReadArray(place, keys, path, common),
        "object" => ReadObject(place, keys, path, common),
        _ => throw new ContractException($"{path}/type: found '{RowFaults.Cut(type)}'; expected string, integer, number, boolean, null, array or object"),
    };

    private static void AddValues(JsonElement element, HashSet<string> keys, string path, Common common, List<JsonSchemaNode> parts)
    {
        if (keys.Contains("enum"))
        {
            var values = element.GetProperty("enum");
            if (values.ValueKind != JsonValueKind.Array)
                throw Fault($"{path}/enum", values, "an array of values");

            parts.Add(new JsonEnumNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType, Values = values.EnumerateArray().Select(JsonSchemaText.Sorted).ToHashSet(StringComparer.Ordinal) });
        }

        if (keys.Contains("const"))
            parts.Add(new JsonConstNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType, Value = JsonSchemaText.Sorted(element.GetProperty("const")) });
    }

    private void AddCombined(JsonSchemaPlace place, HashSet<string> keys, string path, Common common, List<JsonSchemaNode> parts)
    {
        foreach (var criterion in new[] { "allOf", "anyOf", "oneOf" })
        {
            if (!keys.Contains(criterion))
                continue;

            var list = place.Element.GetProperty(criterion);
            if (list.ValueKind != JsonValueKind.Array)
                throw Fault($"{path}/{criterion}", list, "an array of schemas");

            parts.Add(new JsonCombinedNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType, Criterion = criterion, Parts = ReadList(place, list, $"{path}/{criterion}") });
        }

        if (keys.Contains("not"))
            parts.Add(new JsonNotNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType, Schema = Member(place, "not", path) });

        if (!keys.Contains("if"))
            return;

        foreach (var key in new[] { "if", "then", "else" })
        {
            if (keys.Contains(key))
                Member(place, key, path);
        }

        parts.Add(new JsonConditionNode { Source = common.Source, HasDefault = common.HasDefault, ConnectType = common.ConnectType });
    }

    private List<JsonSchemaNode> ReadList(JsonSchemaPlace place, JsonElement list, string path)
    {
        var read = new List<JsonSchemaNode>();
        foreach (var item in list.EnumerateArray())
            read.Add(Read(place with { Element = item }, $"{path}/{read.Count}"));

        return read;
    }

    private JsonSchemaNode Member(JsonSchemaPlace place, string key, string path) =>
        Read(place with { Element = place.Element.GetProperty(key) }, $"{path}/{key}");

    private static ContractException Fault(string path, JsonElement found, string expected) =>
        new($"{path}: found {RowFaults.Cut(found.GetRawText())}; expected {expected}");

    /// <summary>What all parts of one schema share.</summary>
    private sealed record Common(JsonElement Source, bool HasDefault, string? ConnectType);
}
