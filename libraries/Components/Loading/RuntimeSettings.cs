namespace RealTimeMesh.Components;

/// <summary>Settings that a component file may carry for the sidecar itself, whatever its type.</summary>
public static class RuntimeSettings
{
    private static readonly HashSet<string> PubSub = new(StringComparer.OrdinalIgnoreCase)
    {
        "consumerID", "publishingScopes", "subscriptionScopes", "allowedTopics", "protectedTopics",
    };

    private static readonly HashSet<string> State = new(StringComparer.OrdinalIgnoreCase)
    {
        "keyPrefix", "actorStateStore", "primaryEncryptionKey", "secondaryEncryptionKey",
        "outboxPublishPubsub", "outboxPublishTopic", "outboxPubsub", "outboxDiscardWhenMissingState",
    };

    /// <summary>True where the sidecar reads that setting of a component of that type (<c>pubsub.*</c>, <c>state.*</c>).</summary>
    public static bool Knows(string type, string setting) =>
        type.StartsWith("pubsub.", StringComparison.Ordinal) ? PubSub.Contains(setting)
        : type.StartsWith("state.", StringComparison.Ordinal) && State.Contains(setting);
}
