using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Outbox;

/// <summary>The transactional outbox of a state store.</summary>
/// <param name="PublishPubSub">Setting <c>outboxPublishPubsub</c>: where events go in the end.</param>
/// <param name="PublishTopic">Setting <c>outboxPublishTopic</c>.</param>
/// <param name="PubSub">Setting <c>outboxPubsub</c>: where they wait for their transaction; by default the same.</param>
/// <param name="DiscardWhenMissingState">Setting <c>outboxDiscardWhenMissingState</c>: an event whose transaction never came is dropped; else its broker keeps it.</param>
internal sealed record OutboxSettings(string PublishPubSub, string PublishTopic, string PubSub, bool DiscardWhenMissingState)
{
    /// <summary>Null where the component has no outbox.</summary>
    public static OutboxSettings? Of(ComponentSpec spec)
    {
        var (pubsub, topic) = (spec.Text("outboxPublishPubsub", ""), spec.Text("outboxPublishTopic", ""));
        return pubsub.Length > 0 && topic.Length > 0
            ? new OutboxSettings(pubsub, topic, spec.Text("outboxPubsub", pubsub), IsTruthy(spec.Text("outboxDiscardWhenMissingState", "")))
            : null;
    }

    /// <summary>The topic on which an app's events wait. daprd names it so, and may share it.</summary>
    public string InternalTopic(SidecarOptions options) => $"{options.Namespace}{options.AppId}{PublishTopic}outbox";

    /// <summary>What Dapr takes for yes: y, yes, true, t, on, 1; without case.</summary>
    public static bool IsTruthy(string text) => text.Trim().ToUpperInvariant() is "Y" or "YES" or "TRUE" or "T" or "ON" or "1";
}
