using System.Text.Json;
using System.Text.Json.Serialization;
using RealTimeMesh.Sidecar.Cel;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Reads the app's answer to <c>/dapr/subscribe</c>.</summary>
internal static class SubscriptionList
{
    private const int DefaultBulkMessages = 100;
    private const int DefaultBulkWaitMs = 1000;

    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true, NumberHandling = JsonNumberHandling.AllowReadingFromString };

    /// <summary>The subscriptions, and those refused with the reason. Of several for one topic the last wins.</summary>
    public static (IReadOnlyList<SubscriptionDefinition> Accepted, IReadOnlyList<RefusedSubscription> Refused) Parse(ReadOnlySpan<byte> json)
    {
        var accepted = new List<SubscriptionDefinition>();
        var refused = new List<RefusedSubscription>();
        foreach (var entry in JsonSerializer.Deserialize<Entry[]>(json, Options) ?? [])
        {
            try
            {
                var rules = Rules(entry);
                if (rules.Count == 0)
                {
                    refused.Add(new RefusedSubscription(entry.PubSubName, entry.Topic, "found no route; expected route, routes.default or routes.rules"));
                    continue;
                }

                accepted.RemoveAll(other => other.PubSub == entry.PubSubName && other.Topic == entry.Topic);
                accepted.Add(Definition(entry, rules));
            }
            catch (CelSyntaxException exception)
            {
                refused.Add(new RefusedSubscription(entry.PubSubName, entry.Topic, exception.Message));
            }
        }

        return (accepted, refused);
    }

    private static SubscriptionDefinition Definition(Entry entry, IReadOnlyList<RouteRule> rules) => new()
    {
        PubSub = entry.PubSubName,
        Topic = entry.Topic,
        Rules = rules,
        Metadata = entry.Metadata ?? [],
        DeadLetterTopic = entry.DeadLetterTopic ?? "",
        Bulk = entry.BulkSubscribe is { Enabled: true } bulk
            ? new BulkSettings(
                bulk.MaxMessagesCount > 0 ? bulk.MaxMessagesCount : DefaultBulkMessages,
                TimeSpan.FromMilliseconds(bulk.MaxAwaitDurationMs > 0 ? bulk.MaxAwaitDurationMs : DefaultBulkWaitMs))
            : null,
    };

    private static List<RouteRule> Rules(Entry entry)
    {
        var rules = new List<RouteRule>();
        foreach (var rule in entry.Routes?.Rules ?? [])
            rules.Add(new RouteRule(rule.Match ?? "", string.IsNullOrWhiteSpace(rule.Match) ? null : CelExpression.Parse(rule.Match.Trim()), PathOf(rule.Path ?? "")));
        var fallback = string.IsNullOrEmpty(entry.Routes?.Default) ? entry.Route : entry.Routes.Default;
        if (!string.IsNullOrEmpty(fallback))
            rules.Add(new RouteRule("", null, PathOf(fallback)));
        return rules;
    }

    private static string PathOf(string path) => path.StartsWith('/') ? path : "/" + path;

    private sealed record Entry
    {
        public string PubSubName { get; init; } = "";

        public string Topic { get; init; } = "";

        public string? Route { get; init; }

        public RouteSet? Routes { get; init; }

        public Dictionary<string, string>? Metadata { get; init; }

        public string? DeadLetterTopic { get; init; }

        public BulkEntry? BulkSubscribe { get; init; }
    }

    private sealed record RouteSet(RuleEntry[]? Rules, string? Default);

    private sealed record RuleEntry(string? Match, string? Path);

    private sealed record BulkEntry(bool Enabled, int MaxMessagesCount, int MaxAwaitDurationMs);
}

/// <summary>A subscription that cannot be served.</summary>
internal sealed record RefusedSubscription(string PubSub, string Topic, string Fault);
