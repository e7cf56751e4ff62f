using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Metadata and rule sets as canonical JSON texts: members by name, so that equal ones are equal texts.</summary>
internal static class SchemaMetadata
{
    private const string VersionProperty = "confluent:version";

    private static readonly JsonSerializerOptions Output = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string? Canonical(JsonElement? value)
    {
        try
        {
            return value is { ValueKind: JsonValueKind.Object } found ? Write(JsonObject.Create(found)!) : null;
        }
        catch (InvalidOperationException)
        {
            // What the JSON reader throws for an escape that is half of a surrogate pair.
            throw RegistryException.BadRequest("The body's metadata or rules are not Unicode text");
        }
    }

    public static string Write(JsonNode node) => Sorted(node)!.ToJsonString(Output);

    public static string? WithoutVersion(string metadata)
    {
        var node = JsonNode.Parse(metadata)!.AsObject();
        if (node["properties"] is JsonObject properties && properties.Remove(VersionProperty))
        {
            if (properties.Count == 0)
                node.Remove("properties");

            return node.Count == 0 ? null : Write(node);
        }

        return metadata;
    }

    public static bool HasVersion(string? metadata) => Property(metadata, VersionProperty) is not null;

    public static string WithVersion(string? metadata, int version)
    {
        var node = metadata is null ? [] : JsonNode.Parse(metadata)!.AsObject();
        if (node["properties"] is not JsonObject properties)
            node["properties"] = properties = [];

        properties[VersionProperty] = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Write(node);
    }

    /// <summary>A property of the metadata; null where there is none.</summary>
    public static string? Property(string? metadata, string name) =>
        metadata is not null && JsonNode.Parse(metadata)!["properties"] is JsonObject properties && properties[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Both together; the second wins where they disagree.</summary>
    public static string? MergeMetadata(string? first, string? second)
    {
        if (first is null || second is null)
            return first ?? second;

        var (merged, over) = (JsonNode.Parse(first)!.AsObject(), JsonNode.Parse(second)!.AsObject());
        foreach (var (name, part) in over)
        {
            if (part is JsonObject values && merged[name] is JsonObject present)
            {
                foreach (var (key, value) in values)
                    present[key] = value is JsonArray more && present[key] is JsonArray some ? Union(some, more) : value?.DeepClone();
            }
            else if (part is JsonArray list && merged[name] is JsonArray old)
            {
                merged[name] = Union(old, list);
            }
            else
            {
                merged[name] = part?.DeepClone();
            }
        }

        return Write(merged);
    }

    /// <summary>The rules of both; one of the second replaces one of the same name.</summary>
    public static string? MergeRules(string? first, string? second)
    {
        if (first is null || second is null)
            return first ?? second;

        var (merged, over) = (JsonNode.Parse(first)!.AsObject(), JsonNode.Parse(second)!.AsObject());
        foreach (var (kind, part) in over)
        {
            if (part is not JsonArray rules || merged[kind] is not JsonArray present)
            {
                merged[kind] = part?.DeepClone();
                continue;
            }

            var replaced = rules.Select(rule => rule?["name"]?.ToString()).ToHashSet(StringComparer.Ordinal);
            merged[kind] = new JsonArray([.. present.Where(rule => !replaced.Contains(rule?["name"]?.ToString())).Concat(rules).Select(rule => rule?.DeepClone())]);
        }

        return Write(merged);
    }

    private static JsonArray Union(JsonArray first, JsonArray second) =>
        new([.. first.Concat(second).DistinctBy(item => item?.ToJsonString()).Select(item => item?.DeepClone())]);

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        null => null,
        _ => node.DeepClone(),
    };
}
