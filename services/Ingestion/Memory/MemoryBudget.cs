namespace RealTimeMesh.Ingestion.Memory;

/// <summary>
/// Bytes that all requests of this service may hold together: bodies, lines that are not complete yet, batches and answers.
/// Thread-safe.
/// </summary>
internal sealed class MemoryBudget
{
    /// <summary>What is left over for requests that have begun already when new ones are refused: an eighth.</summary>
    private const int Headroom = 8;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private TaskCompletionSource? _freed;
    private long _held;

    public MemoryBudget(IngestionOptions options, TimeProvider time)
    {
        Limit = options.MemoryBytes;
        _time = time;
    }

    public long Limit { get; }

    /// <summary>Bytes held now.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>The most that was ever held.</summary>
    public long Peak { get; private set; }

    /// <summary>A lease for a new request; null where so much is held that none may begin.</summary>
    public MemoryLease? TryOpen(int bytes)
    {
        lock (_lock)
        {
            if (_held + bytes > Limit - (Limit / Headroom))
                return null;
            Add(bytes);
        }

        return new MemoryLease(this, bytes);
    }

    internal bool TryTake(long bytes)
    {
        lock (_lock)
        {
            if (_held + bytes > Limit)
                return false;
            Add(bytes);
            return true;
        }
    }

    /// <summary>Takes bytes that are there already, beyond the limit if need be: then nobody gets more until it is kept again.</summary>
    internal void Take(long bytes)
    {
        lock (_lock)
            Add(bytes);
    }

    internal void Return(long bytes)
    {
        TaskCompletionSource? freed;
        lock (_lock)
        {
            _held -= bytes;
            freed = _freed;
            _freed = null;
        }

        freed?.SetResult();
    }

    /// <summary>Waits for bytes as long as the options allow a request to wait. False where there were none.</summary>
    internal async ValueTask<bool> TakeAsync(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            Task freed;
            lock (_lock)
            {
                if (_held + bytes <= Limit)
                {
                    Add(bytes);
                    return true;
                }

                freed = (_freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            var left = patience - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return false;
            try
            {
                await freed.WaitAsync(left, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    private void Add(long bytes)
    {
        _held += bytes;
        if (_held > Peak)
            Peak = _held;
    }
}
