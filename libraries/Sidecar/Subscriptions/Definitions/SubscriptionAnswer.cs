namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What an app, or resource files, ask for: what can be served, and what cannot.</summary>
internal sealed record SubscriptionAnswer(IReadOnlyList<SubscriptionDefinition> Accepted, IReadOnlyList<RefusedSubscription> Refused)
{
    public static SubscriptionAnswer Nothing { get; } = new([], []);
}

/// <summary>A subscription that cannot be served.</summary>
internal sealed record RefusedSubscription(string PubSub, string Topic, string Fault);
