using System.Collections.Concurrent;
using Grpc.Core;
using RealTimeMesh.Ingestion.Keys;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Records of keys beside those of <see cref="MemoryRecords"/>, as one state store has both.</summary>
internal sealed class MemoryKeys(MemoryRecords records) : IKeyStore
{
    private readonly ConcurrentDictionary<string, byte[]> _items = records.Items;

    public bool Down { get; set; }

    public Task<StoredKey?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        Check();
        return Task.FromResult<StoredKey?>(_items.TryGetValue(key, out var json) ? new StoredKey(json, Convert.ToHexString(json)) : null);
    }

    public Task<bool> TryWriteAsync(string key, byte[] json, string? tag, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        Check();
        // Several services have the same records, each by a store of its own.
        lock (_items)
        {
            if ((_items.TryGetValue(key, out var found) ? Convert.ToHexString(found) : null) != tag)
                return Task.FromResult(false);
            _items[key] = json;
            return Task.FromResult(true);
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Check();
        _items.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    private void Check()
    {
        if (Down)
            throw new RpcException(new Status(StatusCode.Unavailable, "store is down"));
    }
}
