using System.Text.Json;
using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Reads an HTTP app's answer to <c>/dapr/subscribe</c>.</summary>
internal static class HttpSubscriptionList
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    /// <summary>The subscriptions, and those refused with the reason. Throws <see cref="JsonException"/> where the answer is no list of them.</summary>
    public static SubscriptionAnswer Parse(ReadOnlySpan<byte> json)
    {
        var accepted = new List<SubscriptionDefinition>();
        var refused = new List<RefusedSubscription>();
        if (json.Trim(" \t\r\n"u8).IsEmpty)
            return new SubscriptionAnswer(accepted, refused);
        foreach (var entry in JsonSerializer.Deserialize<Entry?[]>(json, Options) ?? [])
        {
            if (entry is null)
                continue;
            try
            {
                var rules = Rules(entry);
                if (rules.Count == 0)
                    refused.Add(new RefusedSubscription(entry.PubSubName ?? "", entry.Topic ?? "", $"topic {entry.Topic} has an empty routes. removing from subscriptions list"));
                else
                    accepted.Add(Definition(entry, rules));
            }
            catch (CelSyntaxException exception)
            {
                refused.Add(new RefusedSubscription(entry.PubSubName ?? "", entry.Topic ?? "", exception.Message));
            }
        }

        return new SubscriptionAnswer(accepted, refused);
    }

    private static SubscriptionDefinition Definition(Entry entry, IReadOnlyList<RouteRule> rules) => new()
    {
        Kind = SubscriptionKind.Programmatic,
        PubSub = entry.PubSubName ?? "",
        Topic = entry.Topic ?? "",
        Rules = rules,
        Metadata = entry.Metadata ?? [],
        DeadLetterTopic = entry.DeadLetterTopic ?? "",
        Bulk = entry.BulkSubscribe is { } bulk ? BulkSettings.From(bulk.Enabled, bulk.MaxMessagesCount, bulk.MaxAwaitDurationMs) : null,
    };

    /// <summary>The single route counts only where there is no default one.</summary>
    private static List<RouteRule> Rules(Entry entry)
    {
        var rules = new List<RouteRule>();
        foreach (var rule in entry.Routes?.Rules ?? [])
        {
            if (rule is not null)
                rules.Add(RouteRule.Parse(rule.Match, rule.Path));
        }

        var fallback = string.IsNullOrEmpty(entry.Routes?.Default) ? entry.Route : entry.Routes.Default;
        if (!string.IsNullOrEmpty(fallback))
            rules.Add(RouteRule.All(fallback));
        return rules;
    }

    private sealed record Entry
    {
        public string? PubSubName { get; init; }

        public string? Topic { get; init; }

        public string? Route { get; init; }

        public RouteSet? Routes { get; init; }

        public Dictionary<string, string>? Metadata { get; init; }

        public string? DeadLetterTopic { get; init; }

        public BulkEntry? BulkSubscribe { get; init; }
    }

    private sealed record RouteSet(RuleEntry?[]? Rules, string? Default);

    private sealed record RuleEntry(string? Match, string? Path);

    private sealed record BulkEntry(bool Enabled, int MaxMessagesCount, int MaxAwaitDurationMs);
}
