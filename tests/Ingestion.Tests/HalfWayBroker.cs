using RealTimeMesh.Components;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>A broker that stores only the first half of some calls, as one that loses its connection in the middle.</summary>
internal sealed class HalfWayBroker(IPubSubBroker broker, Func<string, bool> fails) : IPubSubBroker
{
    private int _failed;

    /// <summary>Calls that were cut.</summary>
    public int Failed => Volatile.Read(ref _failed);

    public PubSubCapabilities Capabilities => broker.Capabilities;

    public async Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count < 2 || !fails(topic))
            return await broker.PublishAsync(topic, messages, cancellationToken);
        var half = messages.Count / 2;
        await broker.PublishAsync(topic, [.. messages.Take(half)], cancellationToken);
        Interlocked.Increment(ref _failed);
        return new PublishResult([.. Enumerable.Range(half, messages.Count - half).Select(place => new PublishFailure(place, new BrokerException("connection lost")))]);
    }

    public Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken) => broker.SubscribeAsync(options, handler, cancellationToken);

    public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) => broker.GetWatermarksAsync(topic, cancellationToken);

    public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) => broker.GetCommittedAsync(topic, group, cancellationToken);

    public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken) => broker.SeekAsync(topic, group, partition, offset, cancellationToken);

    public Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken) => broker.ReadAsync(topic, partition, offset, count, cancellationToken);

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => broker.ListTopicsAsync(cancellationToken);

    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
