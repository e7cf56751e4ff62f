using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>
/// A topic is one stream. Positions are ids of entries as numbers (<see cref="StreamIds"/>): in order, not consecutive,
/// hence no offsets in the capabilities; a topic has the one partition 0, and deliveries name none.
/// Within a subscription, messages of a key keep their order; members of a group compete for messages.
/// </summary>
internal sealed class RedisStreamsBroker(RedisSettings settings, RedisStreamsOptions options, ConnectionMultiplexer connection, TimeProvider time, ILogger logger) : IPubSubBroker
{
    private readonly StreamGroups _groups = new(connection, settings);
    private readonly PublishGate _gate = new(options.PublishQueueBytes, options.PublishTimeout, time);
    private readonly OpenSubscriptions<StreamSubscription> _subscriptions = new();

    public PubSubCapabilities Capabilities { get; } = new() { Durable = true };

    public async Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_subscriptions.IsClosed, this);
        BrokerChecks.Topic(topic);
        if (messages.Count == 0)
            return PublishResult.Success;
        long size = 0;
        foreach (var message in messages)
            size += message.Value.Length + message.Headers.Block.Length;
        await _gate.EnterAsync(size, cancellationToken);
        var sending = SendAsync(topic, messages, size);
        // A caller who gives up does not make room for others: what was sent is on its way.
        return await sending.WaitAsync(cancellationToken);
    }

    public async Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions subscribe, DeliveryHandler handler, CancellationToken cancellationToken)
    {
        BrokerChecks.Subscription(subscribe);
        ObjectDisposedException.ThrowIf(_subscriptions.IsClosed, this);
        await _groups.EnsureAsync(subscribe.Topic, subscribe.Group, subscribe.FromOldest).WaitAsync(cancellationToken);
        var reader = await _groups.NamedAsync(RedisConnections.ConnectForBlockingAsync(settings, cancellationToken));
        var subscription = new StreamSubscription(subscribe, handler, options, new StreamServer(connection, reader), time, logger, _subscriptions.Aborted) { Left = _subscriptions.Remove };
        if (_subscriptions.TryStart(subscription, static started => started.Start()))
            return subscription;
        await reader.DisposeAsync();
        throw new ObjectDisposedException(nameof(RedisStreamsBroker));
    }

    public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) =>
        _groups.GetWatermarksAsync(topic).WaitAsync(cancellationToken);

    public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) =>
        _groups.GetCommittedAsync(topic, group).WaitAsync(cancellationToken);

    public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken)
    {
        if (_subscriptions.Any(s => s.Topic == topic && s.Group == group))
            throw new BrokerException($"seek of group '{group}' on '{topic}': found members of the group consuming; expected none; stop its consumers first.");
        return _groups.SeekAsync(topic, group, partition, offset).WaitAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var entries = await _groups.ReadAsync(topic, partition, offset, count).WaitAsync(cancellationToken);
        return [.. entries.Select(entry => StreamMessage.From(topic, entry, logger).Message)];
    }

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => _groups.ListTopicsAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (await _subscriptions.TryCloseAsync())
            await connection.DisposeAsync();
    }

    private async Task<PublishResult> SendAsync(string topic, IReadOnlyList<OutgoingMessage> messages, long size)
    {
        try
        {
            var add = AddOptions();
            var database = connection.GetDatabase();
            if (messages.Count == 1)
            {
                await database.StreamAddAsync(topic, StreamFields.Write(messages[0]), add);
                return PublishResult.Success;
            }

            // All or none: of single commands the last may pass over a new connection after the first were lost with the old one, and a
            // publisher that repeats the call would then have its messages out of order.
            var transaction = database.CreateTransaction();
            var sent = new Task[messages.Count];
            for (var i = 0; i < sent.Length; i++)
                sent[i] = transaction.StreamAddAsync(topic, StreamFields.Write(messages[i]), add);
            var executed = transaction.ExecuteAsync();
            await Task.WhenAll([executed, .. sent]);
            return await executed ? PublishResult.Success : Failed(messages.Count, new BrokerException("redis streams: error from publish: the transaction was not executed"));
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException or OperationCanceledException)
        {
            return Failed(messages.Count, new BrokerException($"redis streams: error from publish: {e.Message}", e));
        }
        finally
        {
            _gate.Leave(size);
        }
    }

    private static PublishResult Failed(int count, BrokerException reason) => new([.. Enumerable.Range(0, count).Select(i => new PublishFailure(i, reason))]);

    private StreamAddOptions AddOptions()
    {
        if (options.MaxLength > 0)
            return new StreamAddOptions { MaxLength = options.MaxLength, Approximate = true };
        return options.StreamTtl > TimeSpan.Zero
            ? new StreamAddOptions { MinId = $"{(time.GetUtcNow() - options.StreamTtl).ToUnixTimeMilliseconds()}-1", Approximate = true }
            : default;
    }
}
