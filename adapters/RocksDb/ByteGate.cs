using RealTimeMesh.Components;

namespace RealTimeMesh.RocksDb;

/// <summary>Admits publishes in the order of their arrival while their bytes stay within a bound; one always may pass.</summary>
internal sealed class ByteGate(long maxBytes, TimeSpan patience, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _bytes;

    /// <summary>Waits for room. Throws <see cref="BrokerOverloadedException"/> when there was none in time.</summary>
    public ValueTask EnterAsync(long bytes, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _bytes += bytes;
                return default;
            }

            waiter = new Waiter(bytes);
            _waiting.AddLast(waiter.Node);
        }

        return new ValueTask(WaitAsync(waiter, path, cancellationToken));
    }

    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            AdmitWaiting();
        }
    }

    private void AdmitWaiting()
    {
        while (_waiting.First is { } first && Fits(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            _bytes += first.Value.Bytes;
            first.Value.SetResult(true);
        }
    }

    private bool Fits(long bytes) => _bytes == 0 || _bytes + bytes <= maxBytes;

    private async Task WaitAsync(Waiter waiter, string path, CancellationToken cancellationToken)
    {
        await using var timer = time.CreateTimer(_ => GiveUp(waiter), null, patience, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(waiter), null);
        if (await waiter.Task)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        throw new BrokerOverloadedException(
            $"log '{path}': found {Volatile.Read(ref _bytes)} bytes waiting to be written for {patience.TotalSeconds:0.###} s; expected at most {maxBytes}; publish more slowly or try again later.");
    }

    private void GiveUp(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Node.List is null)
                return;
            _waiting.Remove(waiter.Node);
            waiter.SetResult(false);
            // One that is smaller may fit now that this one no longer stands before it.
            AdmitWaiting();
        }
    }

    private sealed class Waiter : TaskCompletionSource<bool>
    {
        public Waiter(long bytes)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            Bytes = bytes;
            Node = new LinkedListNode<Waiter>(this);
        }

        public long Bytes { get; }

        public LinkedListNode<Waiter> Node { get; }
    }
}
