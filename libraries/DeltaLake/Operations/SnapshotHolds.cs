namespace RealTimeMesh.DeltaLake;

/// <summary>The snapshots that running readers hold. Thread-safe.</summary>
internal sealed class SnapshotHolds
{
    private readonly HashSet<Held> _held = [];

    public IReadOnlyList<Snapshot> All
    {
        get
        {
            lock (_held)
                return [.. _held.Select(item => item.Snapshot)];
        }
    }

    public IDisposable Add(Snapshot snapshot)
    {
        var held = new Held(this, snapshot);
        lock (_held)
            _held.Add(held);
        return held;
    }

    private sealed class Held(SnapshotHolds owner, Snapshot snapshot) : IDisposable
    {
        public Snapshot Snapshot => snapshot;

        public void Dispose()
        {
            lock (owner._held)
                owner._held.Remove(this);
        }
    }
}
