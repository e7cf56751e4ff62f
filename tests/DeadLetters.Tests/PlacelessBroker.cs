using RealTimeMesh.Components;

namespace RealTimeMesh.DeadLetters.Tests;

/// <summary>A broker as a pluggable component is: it tells neither topics nor places, and delivers twice.</summary>
internal sealed class PlacelessBroker(IPubSubBroker inner) : IPubSubBroker
{
    private long _delivered;

    public PubSubCapabilities Capabilities { get; } = new() { Groups = true, Redelivers = true, Positions = false };

    public Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) => inner.PublishAsync(topic, messages, cancellationToken);

    public Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken) => inner.SubscribeAsync(
        options,
        async (batch, cancel) =>
        {
            await handler(Again(batch), cancel);
            return await handler(Again(batch), cancel);
        },
        cancellationToken);

    public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<PartitionWatermarks>>([]);

    public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyDictionary<int, long>>(new Dictionary<int, long>());

    public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken) => throw new BrokerException("no offsets");

    public Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken) => throw new BrokerException("no offsets");

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private DeliveryBatch Again(DeliveryBatch batch) => new(batch.Topic, -1, [.. batch.Messages.Select(message => message with { Offset = Interlocked.Increment(ref _delivered) })]);
}
