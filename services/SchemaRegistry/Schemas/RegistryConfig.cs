using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>What is set for a subject, a context or all: the members of the API's configuration that were given, by name.</summary>
internal sealed class RegistryConfig
{
    public static readonly RegistryConfig Empty = new([]);

    private static readonly string[] Names =
    [
        "alias", "aliasForDeks", "normalize", "validateFields", "validateNewSchemas", "validateRules", "compatibility", "compatibilityPolicy", "compatibilityGroup",
        "defaultMetadata", "overrideMetadata", "defaultRuleSet", "overrideRuleSet",
    ];

    private readonly JsonObject _members;

    private RegistryConfig(JsonObject members)
    {
        _members = members;
    }

    public CompatibilityLevel? Level => Text("compatibility") is { } name ? CompatibilityLevel.Find(name) : null;

    public bool Normalizes => Flag("normalize");

    public bool ValidatesFields => Flag("validateFields");

    public bool IsLenient => string.Equals(Text("compatibilityPolicy"), "LENIENT", StringComparison.OrdinalIgnoreCase);

    public string? Group => Text("compatibilityGroup");

    public string? Alias => Text("alias");

    public string? DefaultMetadata => Part("defaultMetadata");

    public string? OverrideMetadata => Part("overrideMetadata");

    public string? DefaultRules => Part("defaultRuleSet");

    public string? OverrideRules => Part("overrideRuleSet");

    public static RegistryConfig Of(JsonObject members) => new(members);

    public static RegistryConfig OfLevel(string level) => new(new JsonObject { ["compatibility"] = level });

    /// <summary>This one with what a request gives; a member given as null is taken away.</summary>
    public RegistryConfig With(JsonObject request)
    {
        var members = _members.DeepClone().AsObject();
        foreach (var name in Names)
        {
            if (!request.TryGetPropertyValue(name, out var value))
                continue;

            if (value is null)
                members.Remove(name);
            else
                members[name] = name == "compatibility" ? CompatibilityLevel.Find(value.ToString())!.Name : value.DeepClone();
        }

        return new RegistryConfig(members);
    }

    /// <summary>This one over the global one, as a subject's is.</summary>
    public RegistryConfig Over(RegistryConfig global)
    {
        var members = _members.DeepClone().AsObject();
        foreach (var name in new[] { "normalize", "validateFields", "validateNewSchemas", "validateRules", "compatibilityPolicy", "compatibilityGroup" })
        {
            if (members[name] is null && global._members[name] is { } value)
                members[name] = value.DeepClone();
        }

        return new RegistryConfig(members);
    }

    public JsonObject ToJson() => _members.DeepClone().AsObject();

    /// <summary>As a configuration is read: with a level, under the name that reading has for it.</summary>
    public JsonObject ToAnswer()
    {
        var answer = new JsonObject();
        foreach (var name in Names)
        {
            if (name == "compatibility")
                answer["compatibilityLevel"] = (Level ?? CompatibilityLevel.Default).Name;
            else if (_members[name] is { } value)
                answer[name] = value.DeepClone();
        }

        return answer;
    }

    private string? Text(string name) => _members[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private bool Flag(string name) => _members[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    private string? Part(string name) => _members[name] is JsonObject part ? SchemaMetadata.Canonical(JsonSerializer.SerializeToElement(part)) : null;
}
