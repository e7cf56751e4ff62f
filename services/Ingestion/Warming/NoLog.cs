using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Warming;

/// <summary>A log that forgets.</summary>
internal sealed class NoLog : IEventPublisher
{
    public async Task PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken) => await Task.Yield();
}

/// <summary>A state store that forgets.</summary>
internal sealed class NoStore : IRecordStore
{
    public Task<ReadOnlyMemory<byte>> ReadAsync(string key, CancellationToken cancellationToken) => Task.FromResult(ReadOnlyMemory<byte>.Empty);

    public async Task WriteAsync(IReadOnlyList<RecordWrite> records, CancellationToken cancellationToken) => await Task.Yield();
}
