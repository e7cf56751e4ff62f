using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Redis.Streams;

/// <summary>
/// The messages of a subscription that are handled one after the other: one batch at a time, refused messages again
/// before anything later. Runs only while it has messages.
/// </summary>
internal sealed class StreamLane(SubscribeOptions options, DeliveryHandler handler, ILaneOwner owner, TimeSpan processingTimeout, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<StreamMessage> _waiting = [];
    private TaskCompletionSource? _arrived;
    private Task _run = Task.CompletedTask;
    private bool _running;

    /// <summary>The run that is under way, or the last one.</summary>
    public Task Run
    {
        get
        {
            lock (_gate)
                return _run;
        }
    }

    /// <summary>Adds the messages of one reading together, so that they fill batches together.</summary>
    public void Add(List<StreamMessage> messages)
    {
        lock (_gate)
        {
            foreach (var message in messages)
            {
                // One that was taken over may be older than those that wait.
                var place = _waiting.Count;
                while (place > 0 && _waiting[place - 1].Message.Offset > message.Message.Offset)
                    place--;
                _waiting.Insert(place, message);
            }

            _arrived?.TrySetResult();
            if (_running)
                return;
            _running = true;
            _run = Task.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        while (await FillAsync() is { } batch)
            await DeliverAsync(batch);
    }

    /// <summary>The next batch; null where there is none any more.</summary>
    private async Task<List<StreamMessage>?> FillAsync()
    {
        var began = time.GetTimestamp();
        while (true)
        {
            TaskCompletionSource arrived;
            var rest = options.MaxBatchWait - time.GetElapsedTime(began);
            lock (_gate)
            {
                if (_waiting.Count == 0 || owner.Stopping.IsCancellationRequested)
                {
                    _running = false;
                    return null;
                }

                var count = Fitting(out var isFull);
                if (isFull || rest <= TimeSpan.Zero)
                {
                    var batch = _waiting.GetRange(0, count);
                    _waiting.RemoveRange(0, count);
                    return batch;
                }

                _arrived = arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await arrived.Task.WaitAsync(rest, time, owner.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int Fitting(out bool isFull)
    {
        long bytes = 0;
        var count = 0;
        foreach (var message in _waiting)
        {
            bytes += message.Message.Value.Length;
            if (count > 0 && bytes > options.MaxBatchBytes)
            {
                isFull = true;
                return count;
            }

            if (++count == options.MaxBatchCount)
                break;
        }

        isFull = count == options.MaxBatchCount || bytes >= options.MaxBatchBytes;
        return count;
    }

    private async Task DeliverAsync(List<StreamMessage> pending)
    {
        while (true)
        {
            var refused = await HandleAsync(pending);
            if (refused.Count < pending.Count)
            {
                var left = new HashSet<int>(refused);
                await owner.AcknowledgeAsync([.. pending.Where((_, place) => !left.Contains(place))]);
            }

            if (refused.Count == 0)
                return;
            var again = pending;
            pending = refused.Count == pending.Count ? pending : [.. refused.Select(place => again[place])];
            await Task.Delay(options.RetryDelay, time, owner.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (owner.Stopping.IsCancellationRequested)
                return;
        }
    }

    /// <summary>Places of refused messages, in order.</summary>
    private async Task<IReadOnlyList<int>> HandleAsync(List<StreamMessage> messages)
    {
        // The source's own timer may fire while the source is disposed of; a timer of ours that cancels it may not.
        using var expiry = processingTimeout > TimeSpan.Zero ? new CancellationTokenSource(processingTimeout, time) : null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(owner.Aborted, expiry?.Token ?? CancellationToken.None);
        try
        {
            var batch = new DeliveryBatch(options.Topic, -1, messages.ConvertAll(m => m.Message));
            var result = await handler(batch, limit.Token);
            if (result.Refused.Count == 0)
                return [];
            var refused = result.Refused.Distinct().Order().ToArray();
            if (refused[0] >= 0 && refused[^1] < messages.Count)
                return refused;
            Log.RefusalOutOfRange(logger, options.Topic, options.Group, refused[0], refused[^1], messages.Count);
        }
        catch (OperationCanceledException) when (owner.Aborted.IsCancellationRequested)
        {
            // The broker goes down; the messages stay pending and come again.
        }
        catch (Exception e)
        {
            Log.HandlerFailed(logger, e, options.Topic, options.Group, messages[0].Id, messages.Count);
        }

        return DeliveryResult.RefuseAll(messages.Count).Refused;
    }
}

/// <summary>What a lane asks of its subscription.</summary>
internal interface ILaneOwner
{
    /// <summary>Cancelled when no further batch is to be delivered.</summary>
    CancellationToken Stopping { get; }

    /// <summary>Cancelled when the broker goes down: handlers are to end.</summary>
    CancellationToken Aborted { get; }

    /// <summary>The messages are handled: nobody gets them again.</summary>
    Task AcknowledgeAsync(IReadOnlyList<StreamMessage> messages);
}
