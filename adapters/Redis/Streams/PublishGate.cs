using RealTimeMesh.Components;

namespace RealTimeMesh.Redis.Streams;

/// <summary>Bounds the bytes on their way to the server. Waiters are let in by turns; one larger than the whole bound goes alone.</summary>
internal sealed class PublishGate(long bytes, TimeSpan patience, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiters = [];
    private long _used;

    /// <summary>Throws <see cref="BrokerOverloadedException"/> where there is no room in time.</summary>
    public Task EnterAsync(long size, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_waiters.Count == 0 && Fits(size))
            {
                _used += size;
                return Task.CompletedTask;
            }

            waiter = new Waiter(size);
            _waiters.Enqueue(waiter);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    public void Leave(long size)
    {
        lock (_gate)
        {
            _used -= size;
            LetIn();
        }
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Entered.Task.WaitAsync(patience, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (_gate)
            {
                if (waiter.Entered.Task.IsCompleted)
                    _used -= waiter.Size;
                waiter.IsGone = true;
                LetIn();
            }

            if (e is OperationCanceledException)
                throw;
            throw new BrokerOverloadedException($"redis streams: found {bytes} bytes on their way to the server for {patience}; expected room for more; publish slower, or find out why the server answers slowly.", e);
        }
    }

    private bool Fits(long size) => _used == 0 || _used + size <= bytes;

    private void LetIn()
    {
        while (_waiters.TryPeek(out var next) && (next.IsGone || Fits(next.Size)))
        {
            _waiters.Dequeue();
            if (next.IsGone)
                continue;
            _used += next.Size;
            next.Entered.SetResult();
        }
    }

    private sealed class Waiter(long size)
    {
        public long Size { get; } = size;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsGone { get; set; }
    }
}
