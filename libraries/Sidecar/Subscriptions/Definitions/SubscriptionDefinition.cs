using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Who asked for a subscription; the names are those of the metadata API.</summary>
internal enum SubscriptionKind
{
    Unknown,
    Declarative,
    Programmatic,
    Streaming,
}

/// <summary>A subscription as it was asked for. Two are the same only if they are the same object.</summary>
internal sealed record SubscriptionDefinition
{
    public SubscriptionKind Kind { get; init; } = SubscriptionKind.Programmatic;

    /// <summary>Name of the resource; empty where the app asked.</summary>
    public string Name { get; init; } = "";

    public required string PubSub { get; init; }

    public required string Topic { get; init; }

    public required IReadOnlyList<RouteRule> Rules { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public string DeadLetterTopic { get; init; } = "";

    public BulkSettings? Bulk { get; init; }

    /// <summary>The topic's values are no CloudEvents.</summary>
    public bool IsRaw => Metadata.TryGetValue(PublishMetadata.RawPayload, out var text) && PublishMetadata.ParseBoolean(text) == true;

    /// <summary>Why no event of this subscription can be read, in daprd's words; null where nothing is wrong.</summary>
    public string? Fault =>
        Metadata.TryGetValue(PublishMetadata.RawPayload, out var text) && text.Length > 0 && PublishMetadata.ParseBoolean(text) is null
            ? $"{PublishMetadata.RawPayload} value must be a valid boolean: actual is '{text}'"
            : null;

    /// <summary>The one route of all events, or null where it depends on the event.</summary>
    public string? FixedRoute => Rules is [{ Match: null } first, ..] ? first.Path : null;

    public bool Equals(SubscriptionDefinition? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
