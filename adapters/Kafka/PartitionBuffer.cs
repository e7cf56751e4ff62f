using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>
/// Fetched messages of one partition that wait for the handler. Bounded: once it holds its most, the consumer is told to
/// pause the partition, and to resume it when half is gone.
/// </summary>
/// <param name="maxCount">Messages it holds before fetching pauses.</param>
/// <param name="maxBytes">Bytes of values it holds before fetching pauses.</param>
/// <param name="pause">Stops fetching. Called under the buffer's lock, as is <paramref name="resume"/>: the two must not overtake each other.</param>
/// <param name="resume">Fetches again.</param>
internal sealed class PartitionBuffer(int maxCount, long maxBytes, Action pause, Action resume)
{
    private readonly Lock _gate = new();
    private readonly Queue<DeliveredMessage> _messages = [];
    private TaskCompletionSource? _waiter;
    private int _wantedCount;
    private long _wantedBytes;
    private long _bytes;
    private bool _paused;

    public void Add(in DeliveredMessage message)
    {
        TaskCompletionSource? waiter = null;
        lock (_gate)
        {
            _messages.Enqueue(message);
            _bytes += message.Value.Length;
            if (_waiter is not null && Reached(_wantedCount, _wantedBytes))
                (waiter, _waiter) = (_waiter, null);
            if (!_paused && (_messages.Count >= maxCount || _bytes >= maxBytes))
            {
                _paused = true;
                pause();
            }
        }

        waiter?.TrySetResult();
    }

    /// <summary>Waits until that many messages or bytes are here; without end where <paramref name="limit"/> is null. Also ends with the token.</summary>
    public async Task WaitAsync(int count, long bytes, TimeSpan? limit, TimeProvider time, CancellationToken stop)
    {
        Task reached;
        lock (_gate)
        {
            if (Reached(count, bytes))
                return;
            (_wantedCount, _wantedBytes) = (count, bytes);
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            reached = _waiter.Task;
        }

        var bounded = limit is { } rest ? reached.WaitAsync(rest, time, stop) : reached.WaitAsync(stop);
        await ((Task)bounded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Moves what fits into a batch; one message always does.</summary>
    public void Take(List<DeliveredMessage> batch, int count, int bytes)
    {
        lock (_gate)
        {
            long taken = 0;
            while (batch.Count < count && _messages.TryPeek(out var message))
            {
                if (batch.Count > 0 && taken + message.Value.Length > bytes)
                    break;
                batch.Add(_messages.Dequeue());
                taken += message.Value.Length;
                _bytes -= message.Value.Length;
            }

            if (_paused && _messages.Count <= maxCount / 2 && _bytes <= maxBytes / 2)
            {
                _paused = false;
                resume();
            }
        }
    }

    private bool Reached(int count, long bytes) => _messages.Count >= count || _bytes >= bytes;
}
