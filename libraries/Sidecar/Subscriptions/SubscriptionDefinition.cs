using RealTimeMesh.Sidecar.Cel;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>A subscription as the app asks for it.</summary>
internal sealed record SubscriptionDefinition
{
    public required string PubSub { get; init; }

    public required string Topic { get; init; }

    public required IReadOnlyList<RouteRule> Rules { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public string DeadLetterTopic { get; init; } = "";

    public BulkSettings? Bulk { get; init; }

    /// <summary>The topic's values are no CloudEvents.</summary>
    public bool IsRaw => Metadata.Any(pair =>
        pair.Key.Equals(PublishMetadata.RawPayload, StringComparison.OrdinalIgnoreCase) && PublishMetadata.ParseBoolean(pair.Value) == true);

    /// <summary>The one route of all events, or null where it depends on the event.</summary>
    public string? FixedRoute => Rules is [{ Match: null } first, ..] ? first.Path : null;
}

/// <summary>Bulk delivery: most messages and longest wait after the first.</summary>
internal sealed record BulkSettings(int MaxMessages, TimeSpan MaxWait);

/// <summary>Where matching events go.</summary>
/// <param name="Text">The expression as written; empty for all events.</param>
/// <param name="Match">The expression, null for all events.</param>
internal sealed record RouteRule(string Text, CelExpression? Match, string Path);
