namespace RealTimeMesh.Components;

/// <summary>The watermarks of one partition, and those who wait for them to move.</summary>
public sealed class LogPartition(LogTopic topic, int index)
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private long _low;
    private long _high;
    private long _bytes;

    public LogTopic Topic { get; } = topic;

    public int Index { get; } = index;

    /// <summary>The oldest offset that is kept.</summary>
    public long Low => Volatile.Read(ref _low);

    /// <summary>The offset that the next message will get.</summary>
    public long High => Volatile.Read(ref _high);

    /// <summary>Bytes of values ever appended, a counter for those who wait for a batch to fill.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Sets the watermarks found in the storage.</summary>
    public void Restore(long low, long high, long bytes)
    {
        lock (_gate)
        {
            _low = low;
            _high = high;
            _bytes = bytes;
        }
    }

    /// <summary>New messages are readable: moves the end of the partition and wakes those who waited for it.</summary>
    public void Advance(long high, long bytes)
    {
        lock (_gate)
        {
            Volatile.Write(ref _high, high);
            Volatile.Write(ref _bytes, bytes);
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                var waiter = _waiters[i];
                if (high < waiter.High && bytes < waiter.Bytes)
                    continue;
                _waiters.RemoveAt(i);
                waiter.TrySetResult();
            }
        }
    }

    /// <summary>Messages before this offset are gone.</summary>
    public void Truncate(long low)
    {
        lock (_gate)
            Volatile.Write(ref _low, low);
    }

    /// <summary>Waits until the partition reaches an end offset or a byte count, the time is over, or the wait is cancelled; none of these is an error.</summary>
    internal async Task WaitAsync(long high, long bytes, TimeSpan? atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(high, bytes);
        lock (_gate)
        {
            if (_high >= high || _bytes >= bytes)
                return;
            _waiters.Add(waiter);
        }

        var timer = atMost is { } wait ? time.CreateTimer(static state => ((Waiter)state!).TrySetResult(), waiter, wait, Timeout.InfiniteTimeSpan) : null;
        var registration = cancellationToken.UnsafeRegister(static state => ((Waiter)state!).TrySetResult(), waiter);
        try
        {
            await waiter.Task;
        }
        finally
        {
            if (timer is not null)
                await timer.DisposeAsync();
            await registration.DisposeAsync();
            lock (_gate)
                _waiters.Remove(waiter);
        }
    }

    private sealed class Waiter(long high, long bytes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long High { get; } = high;

        public long Bytes { get; } = bytes;
    }
}
