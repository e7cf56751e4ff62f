using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>
/// Batches that wait for the log, bounded in events and bytes. Tenants take turns, a batch each; within a tenant order is
/// kept. A tenant may hold three times what is free: alone it gets three quarters of the queue, with others less, and
/// there is always room for one more (dynamic thresholds, Choudhury and Hahne 1998). Thread-safe.
/// </summary>
internal sealed class FairQueue(int maxEvents, long maxBytes)
{
    private const int FreeTimes = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<Tenant, Share> _shares = [];
    private readonly Queue<Share> _turns = new();
    private TaskCompletionSource _room = NewSignal();
    private int _events;
    private long _bytes;
    private bool _closed;

    /// <summary>Ends when something that was taken has been given back.</summary>
    public Task Room
    {
        get
        {
            lock (_lock)
                return _room.Task;
        }
    }

    /// <summary>Nothing is added any more.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
    }

    /// <summary>False where there is no room for its tenant. A batch of a tenant that holds nothing always fits an empty queue.</summary>
    public bool TryAdd(PublishWork work)
    {
        var (events, bytes) = (work.Batch.Count, work.Batch.Bytes);
        lock (_lock)
        {
            if (_closed)
                return false;
            if (!_shares.TryGetValue(work.Tenant, out var share))
                share = new Share(work.Tenant);
            if (_events > 0 && (share.Events + events > FreeTimes * (long)(maxEvents - _events - events) + events || share.Bytes + bytes > FreeTimes * (maxBytes - _bytes - bytes) + bytes))
                return false;
            _shares[work.Tenant] = share;
            share.Events += events;
            share.Bytes += bytes;
            _events += events;
            _bytes += bytes;
            share.Waiting.Enqueue(work);
            if (share.Waiting.Count == 1)
                _turns.Enqueue(share);
            return true;
        }
    }

    /// <summary>Takes the next batch of the tenant whose turn it is; it counts as held until <see cref="Release"/>.</summary>
    public bool TryTake([NotNullWhen(true)] out PublishWork? work)
    {
        lock (_lock)
        {
            if (!_turns.TryDequeue(out var share))
            {
                work = null;
                return false;
            }

            work = share.Waiting.Dequeue();
            if (share.Waiting.Count > 0)
                _turns.Enqueue(share);
            return true;
        }
    }

    /// <summary>Gives back the room of batches that are stored, or not.</summary>
    public void Release(IReadOnlyList<(Tenant Tenant, int Events, int Bytes)> held)
    {
        TaskCompletionSource room;
        lock (_lock)
        {
            foreach (var (tenant, events, bytes) in held)
            {
                var share = _shares[tenant];
                share.Events -= events;
                share.Bytes -= bytes;
                _events -= events;
                _bytes -= bytes;
                if (share is { Events: 0, Waiting.Count: 0 })
                    _shares.Remove(tenant);
            }

            room = _room;
            _room = NewSignal();
        }

        room.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Share(Tenant tenant)
    {
        public Tenant Tenant => tenant;

        public Queue<PublishWork> Waiting { get; } = new();

        public int Events { get; set; }

        public long Bytes { get; set; }
    }
}
