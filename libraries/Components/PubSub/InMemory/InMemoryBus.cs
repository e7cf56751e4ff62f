using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>
/// Hands each message to every subscription of its topic. Deliveries of one subscription follow one another, and a
/// publish waits for its turn at each of them: that bounds what is in flight to one message a subscription.
/// </summary>
internal sealed class InMemoryBus(TimeProvider time, ILogger logger) : IPubSubBroker
{
    private static readonly Task<PublishResult> Published = Task.FromResult(PublishResult.Success);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private volatile BusSubscription[] _subscriptions = [];
    private bool _closed;

    public PubSubCapabilities Capabilities { get; } = new() { Names = ["SUBSCRIBE_WILDCARDS"] };

    public Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _closed))
            throw new BrokerException("component is closed");
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Takes(topic))
                return DeliverAsync(topic, messages, cancellationToken);
        }

        return Published;
    }

    public Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var subscription = new BusSubscription(this, options, handler, time, logger, _closing.Token);
        lock (_gate)
        {
            if (_closed)
                throw new BrokerException("component is closed");
            _subscriptions = [.. _subscriptions, subscription];
        }

        return Task.FromResult<IAsyncDisposable>(subscription);
    }

    public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PartitionWatermarks>>([]);

    public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<int, long>>(new Dictionary<int, long>());

    public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken) => throw KeepsNothing(topic);

    public Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken) =>
        throw KeepsNothing(topic);

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public async ValueTask DisposeAsync()
    {
        BusSubscription[] open;
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            open = _subscriptions;
        }

        await _closing.CancelAsync();
        foreach (var subscription in open)
            await subscription.DisposeAsync();
        _closing.Dispose();
    }

    internal void Remove(BusSubscription subscription)
    {
        lock (_gate)
            _subscriptions = [.. _subscriptions.Where(other => other != subscription)];
    }

    private async Task<PublishResult> DeliverAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            // One copy for all: the publisher's memory is its own again as soon as its publish has returned.
            var copy = new OutgoingMessage(messages[i].Key, messages[i].Value.ToArray(), new MessageHeaders(messages[i].Headers.Block.ToArray()));
            foreach (var subscription in _subscriptions)
            {
                if (subscription.Takes(topic))
                    await subscription.PostAsync(copy, cancellationToken);
            }
        }

        return PublishResult.Success;
    }

    private static BrokerException KeepsNothing(string topic) =>
        new($"topic '{topic}' of an in-memory bus: found no stored messages; expected a broker that keeps them; use pubsub.in-memory-log or pubsub.rocksdb");
}
