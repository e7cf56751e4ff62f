using System.Globalization;

namespace RealTimeMesh.Components;

/// <summary>Items in a dictionary under one lock. Versions are counted over the whole store, so that a key made anew never has an old ETag.</summary>
internal sealed class InMemoryStateStore : IStateStore, IKeysLikeStore, IPrefixDeletingStore
{
    private static readonly TimeSpan CleanupInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _items = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ITimer _cleanup;
    private long _version;
    private int _limited;

    public InMemoryStateStore(TimeProvider time)
    {
        _time = time;
        _cleanup = time.CreateTimer(_ => RemoveExpired(), null, CleanupInterval, CleanupInterval);
    }

    public StateCapabilities Capabilities { get; } = new()
    {
        ETag = true,
        Transactional = true,
        Ttl = true,
        Names = ["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"],
    };

    public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(Find(key, _time.GetUtcNow()));
    }

    public Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var items = new StateItem?[keys.Count];
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            for (var i = 0; i < items.Length; i++)
                items[i] = Find(keys[i], now);
        }

        return Task.FromResult<IReadOnlyList<StateItem?>>(items);
    }

    public Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    public Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            foreach (var operation in operations)
            {
                if (Conflict(operation, now) is { } detail)
                    return Task.FromResult(new StateWrite(StateWriteOutcome.ETagMismatch, operation.Key) { Detail = detail });
            }

            foreach (var operation in operations)
                Apply(operation, now);
        }

        return Task.FromResult(StateWrite.Applied);
    }

    /// <summary>In the order of their last write; the token is the version of the next page's first key.</summary>
    public Task<StateKeysPage> KeysLikeAsync(StateKeysQuery query, CancellationToken cancellationToken)
    {
        var pattern = LikePattern.ToRegex(query.Pattern);
        long from = 0;
        if (query.ContinuationToken is { } token && !long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out from))
            throw new StatePatternException($"invalid continue token: found '{token}'; expected that of the page before");
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var found = _items
                .Where(pair => pair.Value.Version >= from && !pair.Value.IsExpired(now) && pattern.IsMatch(pair.Key))
                .OrderBy(pair => pair.Value.Version)
                .ToArray();
            var size = query.PageSize is { } most && most < found.Length ? most : found.Length;
            var next = size < found.Length ? found[size].Value.Version.ToString(CultureInfo.InvariantCulture) : null;
            return Task.FromResult(new StateKeysPage([.. found.Take(size).Select(pair => pair.Key)], next));
        }
    }

    public Task<long> DeleteWithPrefixAsync(string prefix, CancellationToken cancellationToken)
    {
        prefix = StatePrefix.Checked(prefix);
        lock (_gate)
        {
            string[] keys = [.. _items.Keys.Where(key => StatePrefix.Holds(prefix, key))];
            foreach (var key in keys)
                Remove(key);
            return Task.FromResult((long)keys.Length);
        }
    }

    public ValueTask DisposeAsync() => _cleanup.DisposeAsync();

    /// <summary>What daprd says of it; null where the operation may run.</summary>
    private string? Conflict(StateOperation operation, DateTimeOffset now) => operation switch
    {
        { ETag: { Length: > 0 } etag } => Find(operation.Key, now) switch
        {
            null => $"state not exist or expired for key={operation.Key}",
            var item when item.ETag != etag => $"state etag not match for key={operation.Key}: current={item.ETag}, expect={etag}",
            _ => null,
        },
        { Concurrency: StateConcurrency.FirstWrite } => Find(operation.Key, now) is null ? null : "item already exists and no etag was passed",
        _ => null,
    };

    private void Apply(StateOperation operation, DateTimeOffset now)
    {
        Remove(operation.Key);
        if (operation.Kind == StateOperationKind.Delete)
            return;
        DateTimeOffset? end = operation.Ttl is { } ttl && ttl > TimeSpan.Zero ? now + ttl : null;
        if (end is not null)
            _limited++;
        var version = ++_version;
        _items[operation.Key] = new Entry(new StateItem(operation.Value.ToArray(), version.ToString(CultureInfo.InvariantCulture), end), version);
    }

    private StateItem? Find(string key, DateTimeOffset now)
    {
        if (!_items.TryGetValue(key, out var entry))
            return null;
        if (!entry.IsExpired(now))
            return entry.Item;
        Remove(key);
        return null;
    }

    private void Remove(string key)
    {
        if (_items.Remove(key, out var entry) && entry.Item.ExpiresAt is not null)
            _limited--;
    }

    /// <summary>Items that nobody reads any more don't stay in memory.</summary>
    private void RemoveExpired()
    {
        lock (_gate)
        {
            if (_limited == 0)
                return;
            var now = _time.GetUtcNow();
            string[] keys = [.. _items.Where(pair => pair.Value.IsExpired(now)).Select(pair => pair.Key)];
            foreach (var key in keys)
                Remove(key);
        }
    }

    private readonly record struct Entry(StateItem Item, long Version)
    {
        public bool IsExpired(DateTimeOffset now) => Item.ExpiresAt is { } end && end <= now;
    }
}
