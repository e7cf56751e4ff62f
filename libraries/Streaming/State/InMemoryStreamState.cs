using System.Globalization;

namespace RealTimeMesh.Streaming;

/// <summary>State in memory with the guarantees of a transactional store; what the virtual-time harness runs on.</summary>
public sealed class InMemoryStreamState : IStreamState
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoredState> _items = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Keys now stored, sorted.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_lock)
                return [.. _items.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public Task<IReadOnlyList<StoredState?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<StoredState?>>([.. keys.Select(key => _items.GetValueOrDefault(key))]);
    }

    public Task<StateCommit> CommitAsync(IReadOnlyList<StateChange> changes, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var change in changes)
            {
                var stored = _items.GetValueOrDefault(change.Key);
                if (change.Guard == StateGuard.Absent && stored is not null || change.Guard == StateGuard.Unchanged && stored?.ETag != change.ETag)
                    return Task.FromResult(StateCommit.Conflict);
            }

            foreach (var change in changes)
            {
                if (change.Delete)
                    _items.Remove(change.Key);
                else
                    _items[change.Key] = new StoredState(change.Value.ToArray(), (++_version).ToString(CultureInfo.InvariantCulture));
            }
        }

        return Task.FromResult(StateCommit.Applied);
    }
}
