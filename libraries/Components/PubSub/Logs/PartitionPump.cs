using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>Delivers one partition to one member of a group: one batch in flight, in order, from the committed position on.</summary>
internal sealed class PartitionPump(IMessageLog log, LogPartition partition, GroupMember member, TimeProvider time, ILogger logger, CancellationToken stop)
{
    private static readonly TimeSpan LongestReadPause = TimeSpan.FromSeconds(5);

    private readonly SubscribeOptions _options = member.Options;
    private readonly LogBatch _batch = new(member.Options.MaxBatchCount, member.Options.MaxBatchBytes);
    private long _position;
    private long _committed = -1;

    public async Task RunAsync()
    {
        var pause = _options.RetryDelay;
        var started = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!started)
                {
                    _position = log.GetCommitted(partition.Topic, _options.Group).TryGetValue(partition.Index, out var committed) ? committed : partition.Low;
                    started = true;
                }

                var next = await FillAsync();
                if (_batch.Count > 0 && await DeliverAsync(next))
                    _position = next;
                pause = _options.RetryDelay;
            }
            catch (Exception e)
            {
                // A log that cannot be read holds its partition back: skipping would lose messages.
                Log.ReadFailed(logger, e, partition.Topic.Name, partition.Index, _position, _options.Group);
                await PauseAsync(pause);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestReadPause.Ticks));
            }
            finally
            {
                _batch.Reset();
            }
        }
    }

    private async Task<long> FillAsync()
    {
        await partition.WaitAsync(_position + 1, long.MaxValue, null, time, stop);
        if (stop.IsCancellationRequested)
            return _position;
        var low = partition.Low;
        if (_position < low)
        {
            Log.PositionFellBehind(logger, partition.Topic.Name, partition.Index, _options.Group, _position, low);
            _position = low;
        }

        var began = time.GetTimestamp();
        var next = _position;
        while (true)
        {
            var bytes = partition.Bytes;
            next = log.Read(partition, next, _batch);
            var rest = _options.MaxBatchWait - time.GetElapsedTime(began);
            if (_batch.IsFull || rest <= TimeSpan.Zero)
                return next;
            await partition.WaitAsync(_position + _options.MaxBatchCount, bytes + _batch.FreeBytes, rest, time, stop);
            if (stop.IsCancellationRequested)
                return next;
        }
    }

    /// <summary>True when all is acknowledged; false when the pump was stopped before.</summary>
    private async Task<bool> DeliverAsync(long next)
    {
        var pending = _batch.Messages;
        while (!stop.IsCancellationRequested)
        {
            var refused = await HandleAsync(pending);
            if (refused.Count == 0)
            {
                Commit(next);
                return true;
            }

            if (pending[0].Offset < pending[refused[0]].Offset)
                Commit(pending[refused[0]].Offset);
            var again = pending;
            pending = refused.Count == pending.Count ? pending : [.. refused.Select(i => again[i])];
            await PauseAsync(_options.RetryDelay);
        }

        return false;
    }

    /// <summary>Places of refused messages, in order.</summary>
    private async Task<IReadOnlyList<int>> HandleAsync(IReadOnlyList<DeliveredMessage> messages)
    {
        try
        {
            var result = await member.Handler(new DeliveryBatch(partition.Topic.Name, partition.Index, messages), member.Aborted);
            if (result.Refused.Count == 0)
                return [];
            var refused = result.Refused.Distinct().Order().ToArray();
            if (refused[0] >= 0 && refused[^1] < messages.Count)
                return refused;
            Log.RefusalOutOfRange(logger, partition.Topic.Name, partition.Index, _options.Group, refused[0], refused[^1], messages.Count);
        }
        catch (OperationCanceledException) when (member.Aborted.IsCancellationRequested)
        {
            // The broker goes down; the messages stay uncommitted and come again.
        }
        catch (Exception e)
        {
            Log.HandlerFailed(logger, e, partition.Topic.Name, partition.Index, _options.Group, messages[0].Offset, messages.Count);
        }

        return DeliveryResult.RefuseAll(messages.Count).Refused;
    }

    private void Commit(long offset)
    {
        if (offset <= _committed)
            return;
        try
        {
            log.Commit(partition, _options.Group, offset);
            _committed = offset;
        }
        catch (Exception e)
        {
            // At least once: a lost commit means that messages come again after a restart. The next commit covers it.
            Log.CommitFailed(logger, e, partition.Topic.Name, partition.Index, _options.Group, offset);
        }
    }

    private async Task PauseAsync(TimeSpan pause) =>
        await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
