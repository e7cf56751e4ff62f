using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

/// <summary>A subscription a test wants, to be asked for in any of Dapr's ways.</summary>
internal sealed record Wanted(string Topic, string? Default = null)
{
    public string PubSub { get; init; } = "mypub";

    /// <summary>The single route of v1alpha1 and of programmatic entries, where <see cref="Default"/> is null.</summary>
    public string? Route { get; init; }

    /// <summary>Path and expression; null for an absent one.</summary>
    public IReadOnlyList<(string Path, string? Match)> Rules { get; init; } = [];

    public string? DeadLetterTopic { get; init; }

    public bool Raw { get; init; }

    /// <summary>Milliseconds that a bulk waits; null for single deliveries.</summary>
    public int? BulkWaitMs { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>As a resource of an API version.</summary>
    public string Resource(string version, string name)
    {
        var lines = new List<string>
        {
            $"apiVersion: dapr.io/{version}",
            "kind: Subscription",
            "metadata:",
            $"  name: {name}",
            "spec:",
            $"  pubsubname: {PubSub}",
            $"  topic: {Topic}",
        };
        if (version == "v1alpha1")
        {
            lines.Add($"  route: {Route ?? Default}");
        }
        else
        {
            lines.Add("  routes:");
            if (Default is not null)
                lines.Add($"    default: {Default}");
            if (Rules.Count > 0)
                lines.Add("    rules:");
            foreach (var (path, match) in Rules)
            {
                lines.Add($"    - path: {path}");
                if (match is not null)
                    lines.Add($"      match: {JsonSerializer.Serialize(match)}");
            }
        }

        if (DeadLetterTopic is not null)
            lines.Add($"  deadLetterTopic: {DeadLetterTopic}");
        if (Raw)
            lines.AddRange(["  metadata:", "    rawPayload: \"true\""]);
        if (BulkWaitMs is { } wait)
            lines.AddRange(["  bulkSubscribe:", "    enabled: true", "    maxMessagesCount: 100", $"    maxAwaitDurationMs: {wait}"]);
        if (Scopes is not null)
            lines.Add($"scopes: [{string.Join(", ", Scopes)}]");
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>As an entry of <c>/dapr/subscribe</c>.</summary>
    public object Json() => new
    {
        pubsubname = PubSub,
        topic = Topic,
        route = Route,
        routes = new { @default = Default, rules = Rules.Select(rule => new { path = rule.Path, match = rule.Match }).ToArray() },
        deadLetterTopic = DeadLetterTopic,
        metadata = Metadata(),
        bulkSubscribe = new { enabled = BulkWaitMs is not null, maxMessagesCount = 100, maxAwaitDurationMs = BulkWaitMs ?? 0 },
    };

    /// <summary>As an entry of <c>ListTopicSubscriptions</c>.</summary>
    public TopicSubscription Message()
    {
        var message = new TopicSubscription { PubsubName = PubSub, Topic = Topic, DeadLetterTopic = DeadLetterTopic ?? "", Routes = new TopicRoutes { Default = Default ?? Route ?? "" } };
        foreach (var (path, match) in Rules)
            message.Routes.Rules.Add(new TopicRule { Path = path, Match = match ?? "" });
        foreach (var (name, value) in Metadata())
            message.Metadata[name] = value;
        if (BulkWaitMs is { } wait)
            message.BulkSubscribe = new BulkSubscribeConfig { Enabled = true, MaxMessagesCount = 100, MaxAwaitDurationMs = wait };
        return message;
    }

    private Dictionary<string, string> Metadata() => Raw ? new() { ["rawPayload"] = "true" } : [];
}
