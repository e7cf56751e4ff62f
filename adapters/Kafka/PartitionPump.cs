using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>What a pump asks of the consumer that owns its partition.</summary>
internal interface IPartitionOwner
{
    /// <summary>All before this offset is handled.</summary>
    void Handled(int partition, long offset);

    /// <summary>The buffer is full.</summary>
    void Pause(int partition);

    /// <summary>There is room for more messages.</summary>
    void Resume(int partition);
}

/// <summary>Delivers one partition to the handler: one batch in flight, in order, until it is stopped.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Sources without timer or link hold nothing to give back.")]
internal sealed class PartitionPump
{
    private readonly SubscribeOptions _options;
    private readonly DeliveryHandler _handler;
    private readonly SubscriptionServices _services;
    private readonly IPartitionOwner _owner;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _cancelled = new();
    private readonly List<DeliveredMessage> _batch = [];

    public PartitionPump(int partition, SubscribeOptions options, DeliveryHandler handler, SubscriptionServices services, IPartitionOwner owner, Task before)
    {
        (Partition, _options, _handler, _services, _owner) = (partition, options, handler, services, owner);
        // A full batch must fit, or it could never be filled; a second one is fetched while the first is handled.
        Buffer = new PartitionBuffer(
            (int)Math.Min(int.MaxValue, Math.Max(services.Options.BufferCount, 2L * options.MaxBatchCount)),
            Math.Max(4 * 1024 * 1024, options.MaxBatchBytes),
            () => owner.Pause(partition),
            () => owner.Resume(partition));
        Ended = RunAsync(before);
    }

    public int Partition { get; }

    public PartitionBuffer Buffer { get; }

    /// <summary>Ends after <see cref="Stop"/>, when the running handler has ended.</summary>
    public Task Ended { get; }

    /// <summary>No further batch begins.</summary>
    public void Stop()
    {
        Buffer.Close();
        _stop.Cancel();
    }

    /// <summary>Stops, and cancels the running handler.</summary>
    public void Abort()
    {
        Stop();
        _cancelled.Cancel();
    }

    private async Task RunAsync(Task before)
    {
        // Begins on the pool, and after the handler that had this partition before in this process.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        while (!_stop.IsCancellationRequested)
        {
            await FillAsync();
            if (_batch.Count > 0 && !_stop.IsCancellationRequested)
                await DeliverAsync();
        }
    }

    private async Task FillAsync()
    {
        _batch.Clear();
        await Buffer.WaitAsync(1, 1, null, _services.Time, _stop.Token);
        if (_options.MaxBatchWait > TimeSpan.Zero)
            await Buffer.WaitAsync(_options.MaxBatchCount, _options.MaxBatchBytes, _options.MaxBatchWait, _services.Time, _stop.Token);
        if (!_stop.IsCancellationRequested)
            Buffer.Take(_batch, _options.MaxBatchCount, _options.MaxBatchBytes);
    }

    private async Task DeliverAsync()
    {
        IReadOnlyList<DeliveredMessage> pending = _batch.ToArray();
        while (!await DecodeAsync((DeliveredMessage[])pending))
        {
            await PauseAsync();
            if (_stop.IsCancellationRequested)
                return;
        }

        while (!_stop.IsCancellationRequested)
        {
            var refused = await HandleAsync(pending);
            if (refused.Count == 0)
            {
                _owner.Handled(Partition, _batch[^1].Offset + 1);
                return;
            }

            if (!_services.Options.RetryEnabled && !_cancelled.IsCancellationRequested)
            {
                GiveUp(pending, refused);
                return;
            }

            if (refused[0] > 0)
                _owner.Handled(Partition, pending[refused[0]].Offset);
            var again = pending;
            pending = refused.Count == pending.Count ? pending : [.. refused.Select(i => again[i])];
            await PauseAsync();
        }
    }

    /// <summary>Without retries the partition goes on; the position moves with the next message that is handled.</summary>
    private void GiveUp(IReadOnlyList<DeliveredMessage> messages, IReadOnlyList<int> refused)
    {
        Log.RefusedForGood(_services.Logger, refused.Count, _options.Topic, Partition, messages[refused[0]].Offset, _options.Group);
        for (int i = messages.Count - 1, r = refused.Count - 1; i >= 0; i--, r--)
        {
            if (r >= 0 && refused[r] == i)
                continue;
            _owner.Handled(Partition, messages[i].Offset + 1);
            return;
        }
    }

    /// <summary>False where a value cannot be decoded now: the registry may be down, the schema may come.</summary>
    private async Task<bool> DecodeAsync(DeliveredMessage[] messages)
    {
        if (_services.Decoder is not { } decoder)
            return true;
        for (var i = 0; i < messages.Length; i++)
        {
            // Decoded on an earlier try already.
            if (!messages[i].Value.Equals(_batch[i].Value))
                continue;
            try
            {
                messages[i] = messages[i] with { Value = await decoder.DecodeAsync(messages[i].Value, _cancelled.Token) };
            }
            catch (OperationCanceledException) when (_cancelled.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception e)
            {
                Log.DecodeFailed(_services.Logger, e, _options.Topic, Partition, _options.Group, messages[i].Offset);
                return false;
            }
        }

        return true;
    }

    /// <summary>Places of refused messages, in order.</summary>
    private async Task<IReadOnlyList<int>> HandleAsync(IReadOnlyList<DeliveredMessage> messages)
    {
        try
        {
            var result = await _handler(new DeliveryBatch(_options.Topic, Partition, messages), _cancelled.Token);
            if (result.Refused.Count == 0)
                return [];
            var refused = result.Refused.Distinct().Order().ToArray();
            if (refused[0] >= 0 && refused[^1] < messages.Count)
                return refused;
            Log.RefusalOutOfRange(_services.Logger, _options.Topic, Partition, _options.Group, refused[0], refused[^1], messages.Count);
        }
        catch (OperationCanceledException) when (_cancelled.IsCancellationRequested)
        {
            // The broker goes down or the partition is lost; the messages stay uncommitted and come again.
        }
        catch (Exception e)
        {
            Log.HandlerFailed(_services.Logger, e, _options.Topic, Partition, _options.Group, messages[0].Offset, messages.Count);
        }

        return DeliveryResult.RefuseAll(messages.Count).Refused;
    }

    private async Task PauseAsync() =>
        await Task.Delay(_options.RetryDelay, _services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
