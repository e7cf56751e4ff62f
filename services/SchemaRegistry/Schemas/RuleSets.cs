using System.Text.Json;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Whether a rule set is one. Rules are kept and handed out; clients run them.</summary>
internal static class RuleSets
{
    private static readonly (string Kind, string[] Modes, string Refusal)[] Kinds =
    [
        ("migrationRules", ["UPGRADE", "DOWNGRADE", "UPDOWN"], "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN"),
        ("domainRules", ["WRITE", "READ", "WRITEREAD"], "Domain rules can only be WRITE, READ, WRITEREAD"),
        ("encodingRules", ["WRITE", "READ", "WRITEREAD"], "Encoding rules can only be WRITE, READ, WRITEREAD"),
    ];

    /// <summary>Throws <see cref="RegistryException"/> for the first rule that is wrong.</summary>
    public static void Check(JsonElement? ruleSet)
    {
        if (ruleSet is not { ValueKind: JsonValueKind.Object } rules)
            return;

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (kind, modes, refusal) in Kinds)
        {
            if (!rules.TryGetProperty(kind, out var list) || list.ValueKind != JsonValueKind.Array)
                continue;

            foreach (var rule in list.EnumerateArray())
            {
                var name = Text(rule, "name");
                if (string.IsNullOrEmpty(name))
                    throw RegistryException.InvalidRules("Empty rule name");

                if (!char.IsLetter(name[0]) || !name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_'))
                    throw RegistryException.InvalidRules($"Illegal rule name '{name}'");

                if (!names.Add(name))
                    throw RegistryException.InvalidRules($"Found rule with duplicate name '{name}'");

                if (Text(rule, "type") is null)
                    throw RegistryException.InvalidRules("Missing rule type");

                if (!modes.Contains(Text(rule, "mode"), StringComparer.Ordinal))
                    throw RegistryException.InvalidRules(refusal);
            }
        }
    }

    private static string? Text(JsonElement rule, string key) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
