using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeadLetters.Alerts;

/// <summary>When the rate of dead letters is worth telling, and whom it is told.</summary>
public sealed record AlertOptions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary><c>MESH_DEAD_LETTER_ALERTS</c>: a JSON file with a list of rules. Default: one rule for each topic, raised at 100 a minute, or at 10 a minute and five times the last hour's rate.</summary>
    public IReadOnlyList<AlertRule> Rules { get; init; } = [new AlertRule { Name = "default" }];

    /// <summary><c>MESH_DEAD_LETTER_WEBHOOK</c>: addresses that get each alert as JSON, separated by commas. Default: none; alerts are logged and listed all the same.</summary>
    public IReadOnlyList<Uri> Webhooks { get; init; } = [];

    /// <summary>How often rates are looked at. Default 10 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a webhook may take. Default 10 s; it is asked three times.</summary>
    public TimeSpan WebhookTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal static AlertOptions From(Func<string, string?> setting, List<ConfigurationFault> faults)
    {
        var options = new AlertOptions();
        if (setting("MESH_DEAD_LETTER_ALERTS") is { Length: > 0 } file)
            options = options with { Rules = Read(file, faults) };
        if (setting("MESH_DEAD_LETTER_WEBHOOK") is { Length: > 0 } webhooks)
        {
            var urls = new List<Uri>();
            foreach (var text in webhooks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                    urls.Add(url!);
                else
                    faults.Add(new ConfigurationFault("environment", 0, "MESH_DEAD_LETTER_WEBHOOK", $"'{text}'", "an http or https address", "Correct it."));
            }

            options = options with { Webhooks = urls };
        }

        return options;
    }

    private static IReadOnlyList<AlertRule> Read(string file, List<ConfigurationFault> faults)
    {
        try
        {
            var rules = JsonSerializer.Deserialize<AlertRule[]>(File.ReadAllText(file), Json) ?? [];
            foreach (var rule in rules)
                faults.AddRange(rule.Faults(file));
            if (rules.Select(rule => rule.Name).Distinct(StringComparer.Ordinal).Count() != rules.Length)
                faults.Add(new ConfigurationFault(file, 0, "name", "a name twice", "a name of its own for each rule", "Rename one."));
            return rules;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            faults.Add(new ConfigurationFault(file, exception is JsonException { LineNumber: { } line } ? (int)line + 1 : 0, "rules", exception.Message, "a JSON list of rules", "Correct it, or unset MESH_DEAD_LETTER_ALERTS."));
            return [];
        }
    }
}

/// <summary>When an alert is raised and when it is over.</summary>
public sealed record AlertRule
{
    public required string Name { get; init; }

    /// <summary><c>topic</c>: all letters of a dead-letter topic together; <c>group</c>: those of one cause. Default <c>topic</c>.</summary>
    public string Scope { get; init; } = "topic";

    /// <summary>Dead-letter topics it is for, with <c>*</c> and <c>?</c>. Default all.</summary>
    public string Topics { get; init; } = "*";

    /// <summary>Raised at so many letters a minute, over the last five. Null: not by this. Default 100.</summary>
    public double? PerMinute { get; init; } = 100;

    /// <summary>Raised at so many times the rate of the 55 minutes before. Null: not by this. Default 5.</summary>
    public double? Rise { get; init; } = 5;

    /// <summary>Letters a minute below which a rise is none. Default 10.</summary>
    public double Least { get; init; } = 10;

    /// <summary>Over when the rate has been below this part of what raised it … Default 0.5.</summary>
    public double ClearAt { get; init; } = 0.5;

    /// <summary>… for so many minutes. Default 5.</summary>
    public double ClearMinutes { get; init; } = 5;

    internal IEnumerable<ConfigurationFault> Faults(string file)
    {
        if (string.IsNullOrWhiteSpace(Name))
            yield return Fault("name", "none", "a name");
        if (Scope is not ("topic" or "group"))
            yield return Fault("scope", $"'{Scope}'", "topic or group");
        if (PerMinute is null && Rise is null)
            yield return Fault("perMinute", "null, and no rise", "at least one of the two");
        if (PerMinute is <= 0)
            yield return Fault("perMinute", $"{PerMinute}", "more than 0");
        if (Rise is <= 1)
            yield return Fault("rise", $"{Rise}", "more than 1");
        if (Least < 0)
            yield return Fault("least", $"{Least}", "0 or more");
        if (ClearAt is <= 0 or > 1)
            yield return Fault("clearAt", $"{ClearAt}", "more than 0, at most 1");
        if (ClearMinutes < 0)
            yield return Fault("clearMinutes", $"{ClearMinutes}", "0 or more");

        ConfigurationFault Fault(string element, string found, string expected) => new(file, 0, $"{Name}.{element}", found, expected, "Correct it.");
    }
}
