using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>The way to the sidecar; a seam for tests that need an outcome which a sound sidecar doesn't give.</summary>
internal interface IEventPublisher
{
    /// <summary>Returns when all events are stored; throws where not all of them are, or none.</summary>
    Task PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken);
}

/// <summary>Publishes through the sidecar.</summary>
internal sealed class DaprEventPublisher(EventPublisher publisher) : IEventPublisher
{
    public Task PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken) =>
        publisher.PublishAsync(topic, envelope, events, cancellationToken);
}
