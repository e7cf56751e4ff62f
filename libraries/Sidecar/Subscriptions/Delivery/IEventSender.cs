using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>A way to hand single events to a subscriber.</summary>
internal interface IEventSender
{
    /// <summary>One attempt. Failures of the subscriber are outcomes; throws only where it is cancelled.</summary>
    Task<DeliveryOutcome> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken);
}

/// <summary>An event on its way to a subscriber.</summary>
/// <param name="Path">Of the rule that matched, as written.</param>
/// <param name="Headers">What the message brings beside its value.</param>
/// <param name="TraceParent">W3C trace context to hand on; null where the event has none.</param>
internal sealed record OutgoingEvent(
    IncomingEvent Event,
    SubscriptionDefinition Definition,
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    string? TraceParent);
