using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>Fields that a schema tags <c>"pii": true</c>; they are masked before anything is shown or searched.</summary>
public sealed class PersonalFields
{
    private const int MaxDepth = 64;

    /// <summary>What stands for a masked value.</summary>
    public const string Masked = "***";

    /// <summary>A tag may be for all fields.</summary>
    private const string Any = "*";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public static PersonalFields Of(string schema) => Of(schema, []);

    /// <summary>The fields a schema tags, and further ones by name (a path's last part counts).</summary>
    public static PersonalFields Of(string schema, IEnumerable<string> further)
    {
        var result = new PersonalFields();
        using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = MaxDepth * 4 });
        result.Collect(document.RootElement, 0);
        foreach (var path in further)
            result._names.Add(path[(path.LastIndexOf('.') + 1)..]);
        return result;
    }

    /// <summary>The fields that a registered schema and its metadata tag.</summary>
    public static PersonalFields Of(RegisteredSchema schema)
    {
        var result = new PersonalFields();
        result._names.UnionWith(PersonalNames.Of(schema));
        return result;
    }

    /// <summary>Whether nothing is tagged.</summary>
    public bool IsEmpty => _names.Count == 0;

    /// <summary>Whether a field of this name is masked.</summary>
    public bool Contains(string name) => _names.Contains(name) || _names.Contains(Any);

    /// <summary>Masks in place. A name that is tagged in one record of the schema is masked in all of them: rather too much than too little.</summary>
    public JsonNode? Mask(JsonNode? node)
    {
        if (_names.Count > 0)
            MaskWithin(node, 0);
        return node;
    }

    /// <summary>Puts the values of <paramref name="known"/> back where <paramref name="node"/> has kept a mask: what was not shown was not meant to be changed.</summary>
    public void Restore(JsonNode? node, JsonNode? known)
    {
        if (node is JsonObject record && known is JsonObject before)
        {
            foreach (var name in record.Select(pair => pair.Key).ToArray())
            {
                if (Contains(name) && record[name] is JsonValue value && value.TryGetValue<string>(out var text) && text == Masked)
                    record[name] = before[name]?.DeepClone();
                else
                    Restore(record[name], before[name]);
            }
        }
        else if (node is JsonArray items && known is JsonArray others)
        {
            for (var i = 0; i < Math.Min(items.Count, others.Count); i++)
                Restore(items[i], others[i]);
        }
    }

    private void MaskWithin(JsonNode? node, int depth)
    {
        if (depth > MaxDepth)
            return;
        switch (node)
        {
            case JsonObject record:
                foreach (var name in record.Select(pair => pair.Key).ToArray())
                {
                    if (Contains(name) && record[name] is not null)
                        record[name] = Masked;
                    else
                        MaskWithin(record[name], depth + 1);
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                    MaskWithin(item, depth + 1);
                break;
        }
    }

    private void Collect(JsonElement element, int depth)
    {
        if (depth > MaxDepth)
            return;
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, depth + 1);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.TryGetProperty("pii", out var tag) && tag.ValueKind == JsonValueKind.True && element.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
                _names.Add(name.GetString()!);
            foreach (var property in element.EnumerateObject())
                Collect(property.Value, depth + 1);
        }
    }
}
