using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Contracts;

/// <summary>
/// What is known of a contract besides its schema. It stands in the schema's own attributes (<c>doc</c>, <c>owner</c>,
/// <c>pii</c> and <c>confluent:tags</c> of fields), and in the registry's form (<c>metadata</c> and <c>ruleSet</c>), which a
/// file beside the schema may hold too.
/// </summary>
public sealed record ContractMetadata
{
    /// <summary>Tag of fields that hold personal data.</summary>
    public const string Pii = "PII";

    private const string OwnerProperty = "owner";
    private const string DescriptionProperty = "description";

    public static ContractMetadata None { get; } = new();

    /// <summary>Who answers for the contract; null where nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>What the events are; null where nothing is said.</summary>
    public string? Description { get; init; }

    /// <summary>Tags by field, fields of fields joined by dots.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Tags { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Everything else, by name.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<ContractRule> Rules { get; init; } = [];

    /// <summary>Fields that hold personal data.</summary>
    public IEnumerable<string> PiiFields => Tags.Where(tag => tag.Value.Contains(Pii, StringComparer.OrdinalIgnoreCase)).Select(tag => tag.Key).Order(StringComparer.Ordinal);

    /// <summary>What a schema document says of itself.</summary>
    public static ContractMetadata FromSchema(string schema)
    {
        if (JsonNode.Parse(schema, documentOptions: new JsonDocumentOptions { MaxDepth = AvroSchemaParser.MaxJsonDepth }) is not JsonObject root)
            return None;

        var tags = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        MetadataJson.CollectTags(root, "", tags);
        return new ContractMetadata
        {
            Owner = MetadataJson.Text(root, OwnerProperty),
            Description = MetadataJson.Text(root, "doc"),
            Tags = tags,
            Rules = root["rules"] is JsonArray rules ? [.. rules.OfType<JsonObject>().Select(MetadataJson.Rule)] : [],
        };
    }

    /// <summary>A file beside a schema: an object with <c>metadata</c> and <c>ruleSet</c>. Throws <see cref="ContractException"/> where it is none.</summary>
    public static ContractMetadata FromFile(string json, string path)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject root
                ? FromRegistry(root["metadata"] as JsonObject, root["ruleSet"] as JsonObject)
                : throw new ContractException($"{path}: found no JSON object; expected one with 'metadata' or 'ruleSet'. Write them as the registry has them.");
        }
        catch (JsonException e)
        {
            throw new ContractException($"{path}: found text that is not JSON ({e.Message}); expected an object with 'metadata' or 'ruleSet'. Correct the file.", e);
        }
    }

    /// <summary>The registry's form.</summary>
    public static ContractMetadata FromRegistry(JsonObject? metadata, JsonObject? ruleSet)
    {
        var properties = (metadata?["properties"] as JsonObject ?? []).Where(pair => pair.Value is JsonValue).ToDictionary(pair => pair.Key, pair => pair.Value!.ToString(), StringComparer.Ordinal);
        return new ContractMetadata
        {
            Owner = properties.GetValueOrDefault(OwnerProperty),
            Description = properties.GetValueOrDefault(DescriptionProperty),
            Tags = (metadata?["tags"] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => MetadataJson.Texts(pair.Value), StringComparer.Ordinal),
            Properties = properties.Where(pair => pair.Key is not (OwnerProperty or DescriptionProperty)).ToDictionary(StringComparer.Ordinal),
            Rules = [.. ((IEnumerable<string>)["domainRules", "migrationRules", "encodingRules"]).SelectMany(part => (ruleSet?[part] as JsonArray ?? []).OfType<JsonObject>().Select(rule => MetadataJson.Rule(rule, part)))],
        };
    }

    /// <summary>Both together; what <paramref name="over"/> says wins, tags are joined.</summary>
    public ContractMetadata With(ContractMetadata over) => new()
    {
        Owner = over.Owner ?? Owner,
        Description = over.Description ?? Description,
        Tags = Tags.Concat(over.Tags).GroupBy(tag => tag.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, IReadOnlyList<string> (group) => [.. group.SelectMany(tag => tag.Value).Distinct(StringComparer.Ordinal)], StringComparer.Ordinal),
        Properties = Properties.Concat(over.Properties).GroupBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal),
        Rules = [.. Rules.Where(rule => over.Rules.All(other => other.Name != rule.Name)), .. over.Rules],
    };

    /// <summary>The registry's <c>metadata</c>; null where there is nothing to say.</summary>
    public JsonObject? ToRegistryMetadata()
    {
        var properties = new SortedDictionary<string, string>(Properties.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
        if (Owner is not null)
            properties[OwnerProperty] = Owner;

        if (Description is not null)
            properties[DescriptionProperty] = Description;

        var json = new JsonObject();
        if (Tags.Count > 0)
            json["tags"] = new JsonObject(Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)MetadataJson.Array(tag.Value))));

        if (properties.Count > 0)
            json["properties"] = new JsonObject(properties.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));

        return json.Count == 0 ? null : json;
    }

    /// <summary>The registry's <c>ruleSet</c>; null where there are no rules.</summary>
    public JsonObject? ToRegistryRules()
    {
        if (Rules.Count == 0)
            return null;

        var json = new JsonObject();
        foreach (var group in Rules.GroupBy(rule => rule.Part ?? (rule.Mode is "UPGRADE" or "DOWNGRADE" or "UPDOWN" ? "migrationRules" : "domainRules")))
            json[group.Key] = new JsonArray([.. group.Select(MetadataJson.Rule)]);

        return json;
    }
}
