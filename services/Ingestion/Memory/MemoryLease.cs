namespace RealTimeMesh.Ingestion.Memory;

/// <summary>
/// What one request holds of the <see cref="MemoryBudget"/>. All of it is returned at the end, and nothing can be taken
/// afterwards: a read that was given up may still come back and want a buffer.
/// </summary>
internal sealed class MemoryLease(MemoryBudget budget, long held) : IDisposable
{
    private readonly Lock _lock = new();
    private long _held = held;
    private bool _ended;

    public long Held
    {
        get
        {
            lock (_lock)
                return _held;
        }
    }

    /// <summary>True where all requests together hold more than they may.</summary>
    public bool IsExceeded => budget.Held > budget.Limit;

    /// <summary>Takes what is there already; nobody is given more until all of it is within the limit again.</summary>
    public void Take(long bytes)
    {
        budget.Take(bytes);
        Keep(bytes);
    }

    /// <summary>Takes bytes as soon as they are free. Throws <see cref="MemoryRefusedException"/> where they are not within <paramref name="patience"/>.</summary>
    public async ValueTask TakeAsync(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!await budget.TakeAsync(bytes, patience, cancellationToken))
            throw new MemoryRefusedException(budget.Limit);
        Keep(bytes);
    }

    public void Return(long bytes)
    {
        lock (_lock)
        {
            if (_ended || bytes == 0)
                return;
            _held -= bytes;
        }

        budget.Return(bytes);
    }

    public void Dispose()
    {
        long all;
        lock (_lock)
        {
            all = _held;
            _held = 0;
            _ended = true;
        }

        budget.Return(all);
    }

    private void Keep(long bytes)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                _held += bytes;
                return;
            }
        }

        budget.Return(bytes);
        throw new ObjectDisposedException(nameof(MemoryLease));
    }
}
