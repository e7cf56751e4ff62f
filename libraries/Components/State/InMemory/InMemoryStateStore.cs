using System.Globalization;

namespace RealTimeMesh.Components;

/// <summary>Items in a dictionary under one lock. Versions are counted over the whole store, so that a key made anew never has an old ETag.</summary>
internal sealed class InMemoryStateStore(TimeProvider time) : IStateStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StateItem> _items = new(StringComparer.Ordinal);
    private long _version;

    public StateCapabilities Capabilities { get; } = new()
    {
        ETag = true,
        Transactional = true,
        Ttl = true,
        Names = ["ETAG", "TRANSACTIONAL", "TTL", "ACTOR"],
    };

    public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(Find(key));
    }

    public Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<StateItem?>>([.. keys.Select(Find)]);
    }

    public Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    public Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            foreach (var operation in operations)
            {
                if (Conflicts(operation))
                    return Task.FromResult(new StateWrite(StateWriteOutcome.ETagMismatch, operation.Key));
            }

            foreach (var operation in operations)
                Apply(operation);
        }

        return Task.FromResult(StateWrite.Applied);
    }

    public ValueTask DisposeAsync() => default;

    private bool Conflicts(StateOperation operation) => operation switch
    {
        { ETag: { Length: > 0 } etag } => Find(operation.Key)?.ETag != etag,
        { Kind: StateOperationKind.Upsert, Concurrency: StateConcurrency.FirstWrite } => Find(operation.Key) is not null,
        _ => false,
    };

    private void Apply(StateOperation operation)
    {
        if (operation.Kind == StateOperationKind.Delete)
        {
            _items.Remove(operation.Key);
            return;
        }

        var etag = (++_version).ToString(CultureInfo.InvariantCulture);
        _items[operation.Key] = new StateItem(operation.Value.ToArray(), etag, operation.Ttl is { } ttl ? time.GetUtcNow() + ttl : null);
    }

    private StateItem? Find(string key)
    {
        if (!_items.TryGetValue(key, out var item))
            return null;
        if (item.ExpiresAt is not { } end || end > time.GetUtcNow())
            return item;
        _items.Remove(key);
        return null;
    }
}
