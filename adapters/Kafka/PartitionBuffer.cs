using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>
/// Fetched messages of one partition that wait for the handler. Bounded: where it is full, the consumer's thread waits a
/// moment for room. Only where none comes is the partition paused, until half is gone: the client takes up to a second to
/// fetch again after a pause, which would starve a handler that is merely slower than the network.
/// </summary>
/// <param name="maxCount">Messages it holds before fetching pauses.</param>
/// <param name="maxBytes">Bytes of values it holds before fetching pauses.</param>
/// <param name="pause">Stops fetching. Called under the buffer's lock, as is <paramref name="resume"/>: the two must not overtake each other.</param>
/// <param name="resume">Fetches again.</param>
internal sealed class PartitionBuffer(int maxCount, long maxBytes, Action pause, Action resume)
{
    private static readonly TimeSpan RoomLimit = TimeSpan.FromMilliseconds(500);

    // Not a Lock: the consumer's thread waits on it.
    private readonly object _gate = new();
    private readonly Queue<DeliveredMessage> _messages = [];
    private TaskCompletionSource? _waiter;
    private int _wantedCount;
    private long _wantedBytes;
    private long _bytes;
    private bool _paused;
    private bool _closed;

    private bool IsFull => _messages.Count >= maxCount || _bytes >= maxBytes;

    /// <summary>Blocks while there is no room, at most half a second.</summary>
    public void Add(in DeliveredMessage message)
    {
        TaskCompletionSource? waiter = null;
        lock (_gate)
        {
            WaitForRoom();
            if (_closed)
                return;
            if (IsFull && !_paused)
            {
                _paused = true;
                pause();
            }

            _messages.Enqueue(message);
            _bytes += message.Value.Length;
            if (_waiter is not null && Reached(_wantedCount, _wantedBytes))
                (waiter, _waiter) = (_waiter, null);
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

            if (!IsFull)
                Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes no more messages.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void WaitForRoom()
    {
        var end = Environment.TickCount64 + (long)RoomLimit.TotalMilliseconds;
        while (IsFull && !_paused && !_closed && end - Environment.TickCount64 is > 0 and var rest)
            Monitor.Wait(_gate, TimeSpan.FromMilliseconds(rest));
    }

    private bool Reached(int count, long bytes) => _messages.Count >= count || _bytes >= bytes;
}
