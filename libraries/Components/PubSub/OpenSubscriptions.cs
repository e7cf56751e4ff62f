namespace RealTimeMesh.Components;

/// <summary>The subscriptions that a broker has open, and how they end with it.</summary>
public sealed class OpenSubscriptions<T> : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    private readonly CancellationTokenSource _aborted = new();
    private readonly Lock _gate = new();
    private readonly HashSet<T> _open = [];
    private bool _closed;

    public OpenSubscriptions() => Aborted = _aborted.Token;

    /// <summary>Cancelled when the broker goes down: handlers that still run are not waited for any longer than they take to notice.</summary>
    public CancellationToken Aborted { get; }

    /// <summary>True once <see cref="TryCloseAsync"/> was called.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>
    /// Takes a subscription and starts it, or returns false where the broker is closed already: then it was not started.
    /// <paramref name="start"/> runs under a lock, so that nothing starts after the close has looked; it must not block.
    /// </summary>
    public bool TryStart(T subscription, Action<T> start)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _open.Add(subscription);
            start(subscription);
            return true;
        }
    }

    /// <summary>Forgets a subscription that has ended.</summary>
    public void Remove(T subscription)
    {
        lock (_gate)
            _open.Remove(subscription);
    }

    /// <summary>Whether one of them is such a one.</summary>
    public bool Any(Func<T, bool> predicate)
    {
        lock (_gate)
            return _open.Any(predicate);
    }

    /// <summary>Aborts and ends all. False where that was done, or is under way, already.</summary>
    public async Task<bool> TryCloseAsync()
    {
        T[] open;
        lock (_gate)
        {
            if (_closed)
                return false;
            Volatile.Write(ref _closed, true);
            open = [.. _open];
        }

        await _aborted.CancelAsync();
        await Task.WhenAll(open.Select(subscription => subscription.DisposeAsync().AsTask()));
        _aborted.Dispose();
        return true;
    }

    /// <summary>As <see cref="TryCloseAsync"/>, for those who do not ask whether it was the first time.</summary>
    public async ValueTask DisposeAsync() => await TryCloseAsync();
}
