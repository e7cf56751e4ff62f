using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>The way to the sidecar; a seam for tests that need an outcome which a sound sidecar doesn't give.</summary>
internal interface IEventPublisher
{
    Task<IReadOnlyList<PublishFailure>> PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken);
}

/// <summary>Publishes through the sidecar.</summary>
internal sealed class DaprEventPublisher(EventPublisher publisher) : IEventPublisher
{
    public Task<IReadOnlyList<PublishFailure>> PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken) =>
        publisher.PublishAsync(topic, envelope, events, cancellationToken);
}
