using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>A subscription of the bus: takes one message at a time.</summary>
internal sealed class BusSubscription(InMemoryBus bus, SubscribeOptions options, DeliveryHandler handler, TimeProvider time, ILogger logger, CancellationToken closing)
    : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string? _prefix = options.Topic.EndsWith('*') ? options.Topic[..^1] : null;
    private readonly CancellationTokenSource _leaving = CancellationTokenSource.CreateLinkedTokenSource(closing);
    private long _count;
    private int _left;

    /// <summary><c>abc*</c> takes every topic that is longer than <c>abc</c> and begins with it.</summary>
    public bool Takes(string topic) =>
        topic == options.Topic || (_prefix is not null && topic.Length > _prefix.Length && topic.StartsWith(_prefix, StringComparison.Ordinal));

    /// <summary>Waits until the delivery before has ended, then starts this one.</summary>
    public async ValueTask PostAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        if (Volatile.Read(ref _left) == 1)
        {
            _turn.Release();
            return;
        }

        // Elsewhere: a handler's work before its first wait is not the publisher's.
        _ = Task.Run(() => DeliverAsync(message), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _left, 1) == 1)
            return;
        bus.Remove(this);
        // Ends the wait of a bulk delivery, not its handler.
        await _leaving.CancelAsync();
        await _turn.WaitAsync(CancellationToken.None);
        _turn.Release();
        _leaving.Dispose();
    }

    private async Task DeliverAsync(OutgoingMessage message)
    {
        try
        {
            await WaitForMoreAsync();
            var delivered = new DeliveredMessage(_count++, time.GetUtcNow().ToUnixTimeMilliseconds(), message.Key, message.Value, message.Headers);
            var result = await handler(new DeliveryBatch(options.Topic, -1, [delivered]), closing);
            if (result.Refused.Count > 0)
                Log.MessageLost(logger, options.Topic);
        }
        catch (Exception exception)
        {
            Log.MessageLostByFailure(logger, exception, options.Topic);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The window of a bulk delivery: no second message can join it, for each waits for the one before.</summary>
    private async Task WaitForMoreAsync()
    {
        if (options.MaxBatchCount > 1 && options.MaxBatchWait > TimeSpan.Zero)
            await Task.Delay(options.MaxBatchWait, time, _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
