using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>Fields that a schema tags <c>"pii": true</c>; they are masked before anything is shown or searched.</summary>
internal sealed class PersonalFields
{
    private const int MaxDepth = 64;
    private const string Masked = "***";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public static PersonalFields Of(string schema)
    {
        var result = new PersonalFields();
        using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = MaxDepth * 4 });
        result.Collect(document.RootElement, 0);
        return result;
    }

    /// <summary>Masks in place. A name that is tagged in one record of the schema is masked in all of them: rather too much than too little.</summary>
    public JsonNode? Mask(JsonNode? node)
    {
        if (_names.Count > 0)
            MaskWithin(node, 0);
        return node;
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
                    if (_names.Contains(name) && record[name] is not null)
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
