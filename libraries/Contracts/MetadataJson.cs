using System.Text.Json.Nodes;

namespace RealTimeMesh.Contracts;

/// <summary>Pieces of <see cref="ContractMetadata"/> in JSON.</summary>
internal static class MetadataJson
{
    private const string InlineTags = "confluent:tags";

    public static string? Text(JsonObject item, string name) => item[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static IReadOnlyList<string> Texts(JsonNode? node) => node is JsonArray items ? [.. items.OfType<JsonValue>().Select(item => item.ToString())] : [];

    public static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)JsonValue.Create(text))]);

    /// <summary>Tags of a schema's fields, by path; arrays and maps are looked through.</summary>
    public static void CollectTags(JsonNode? type, string path, Dictionary<string, IReadOnlyList<string>> tags)
    {
        switch (type)
        {
            case JsonArray union:
                foreach (var branch in union)
                    CollectTags(branch, path, tags);

                break;
            case JsonObject item when item["fields"] is JsonArray fields:
                foreach (var field in fields.OfType<JsonObject>())
                    CollectField(field, path, tags);

                break;
            case JsonObject item:
                CollectTags(item["items"] ?? item["values"] ?? item["type"] as JsonObject ?? item["type"] as JsonArray as JsonNode, path, tags);
                break;
        }
    }

    public static ContractRule Rule(JsonObject item) => Rule(item, null);

    public static ContractRule Rule(JsonObject item, string? part) => new()
    {
        Part = part,
        Parameters = (item["params"] as JsonObject ?? []).Where(pair => pair.Value is JsonValue).ToDictionary(pair => pair.Key, pair => pair.Value!.ToString(), StringComparer.Ordinal),
        OnSuccess = Text(item, "onSuccess"),
        IsDisabled = item["disabled"] is JsonValue disabled && disabled.TryGetValue<bool>(out var off) && off,
        Name = Text(item, "name") ?? throw new ContractException($"rule {item.ToJsonString()}: found no 'name'; expected one. Name the rule."),
        Doc = Text(item, "doc"),
        Kind = Text(item, "kind") ?? "CONDITION",
        Mode = Text(item, "mode") ?? "WRITE",
        Type = Text(item, "type") ?? "CEL",
        Tags = Texts(item["tags"]),
        Expression = Text(item, "expr"),
        OnFailure = Text(item, "onFailure"),
    };

    public static JsonObject Rule(ContractRule rule)
    {
        var item = new JsonObject { ["name"] = rule.Name, ["kind"] = rule.Kind, ["mode"] = rule.Mode, ["type"] = rule.Type };
        if (rule.Doc is { } doc)
            item["doc"] = doc;

        if (rule.Tags.Count > 0)
            item["tags"] = Array(rule.Tags);

        if (rule.Expression is { } expression)
            item["expr"] = expression;

        if (rule.Parameters.Count > 0)
            item["params"] = new JsonObject(rule.Parameters.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));

        if (rule.OnSuccess is { } onSuccess)
            item["onSuccess"] = onSuccess;

        if (rule.IsDisabled)
            item["disabled"] = true;

        if (rule.OnFailure is { } onFailure)
            item["onFailure"] = onFailure;

        return item;
    }

    private static void CollectField(JsonObject field, string path, Dictionary<string, IReadOnlyList<string>> tags)
    {
        var name = path.Length == 0 ? Text(field, "name") ?? "" : $"{path}.{Text(field, "name")}";
        var found = Texts(field[InlineTags]).ToList();
        if (field["pii"] is JsonValue pii && pii.TryGetValue<bool>(out var personal) && personal && !found.Contains(ContractMetadata.Pii))
            found.Add(ContractMetadata.Pii);

        if (found.Count > 0)
            tags[name] = found;

        CollectTags(field["type"], name, tags);
    }
}
