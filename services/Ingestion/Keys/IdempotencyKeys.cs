using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Keys;

/// <summary>
/// Idempotency keys, each of one stream and tenant. A record is stored before the first event is published and says under
/// which source and sequences the events go; the answer is stored together with their count. A request that comes again
/// after a crash is published again under the same sequences, and consumers drop what they have.
/// </summary>
internal sealed class IdempotencyKeys : IDisposable
{
    private readonly IKeyStore _store;
    private readonly IngestionOptions _options;
    private readonly TimeProvider _time;
    private readonly string _run;
    private readonly SourceLanes _lanes;
    private readonly ConcurrentDictionary<string, bool> _running = new(StringComparer.Ordinal);

    public IdempotencyKeys(IKeyStore store, IngestionOptions options, TimeProvider time)
    {
        _store = store;
        _options = options;
        _time = time;
        _run = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        _lanes = new SourceLanes(store, _run, options, time);
    }

    /// <summary>Finds out what a key means. A fault of the state store is thrown: without it nothing may begin.</summary>
    public async Task<KeyClaim> ClaimAsync(StreamRuntime stream, Tenant tenant, string key, long? length, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant.Name}\0{key}")))[..32];
        var name = $"ingestion/keys/{stream.Spec.Topic}/{id}";
        if (!_running.TryAdd(name, true))
            return KeyClaim.Running(_options.RetryAfter);
        KeyClaim claim = default;
        try
        {
            return claim = await ClaimAsync(stream, name, id, length, cancellationToken);
        }
        finally
        {
            if (claim.Request is null)
                End(name);
        }
    }

    /// <summary>Lets the next run have this one's lanes where all requests are settled.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => _lanes.ReleaseAsync(cancellationToken);

    public void Dispose() => _lanes.Dispose();

    internal static KeyRecord? Read(StoredKey stored) => JsonSerializer.Deserialize(stored.Json.Span, KeyJson.Default.KeyRecord);

    internal static byte[] Json(KeyRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, KeyJson.Default.KeyRecord);

    internal void End(string name) => _running.TryRemove(name, out _);

    private async Task<KeyClaim> ClaimAsync(StreamRuntime stream, string name, string id, long? length, CancellationToken cancellationToken)
    {
        var stored = await _store.ReadAsync(name, cancellationToken);
        var found = stored is { } item ? Read(item) : null;
        if (found is { Status: > 0 })
            return KeyClaim.Done(found);
        var now = _time.GetUtcNow();
        // A store without expiry may still have it.
        if (found is not null && found.Until != default && found.Until <= now)
            found = null;
        // Another service may be at it; if it were this one, it would be among those that run.
        if (found is not null && found.Owner != _run && found.LeaseUntil > now)
            return KeyClaim.Running(found.LeaseUntil - now);
        if (found?.Length is { } first && length is { } again && first != again)
            return KeyClaim.Reused;
        var lane = found is null ? await _lanes.RentAsync(cancellationToken) : null;
        var record = (found ?? new KeyRecord { Source = lane!.Source, FirstSequence = lane.Next, Owner = _run, Length = length }) with { Owner = _run, LeaseUntil = now + _options.KeyLease };
        if (found is null || found.Until == default)
            record = record with { Until = now + _options.KeyLifetime };
        // A lane is not given back where this throws: the record may be there.
        if (await _store.TryWriteAsync(name, Json(record), stored?.Tag, KeyedRequest.LifetimeOf(record, now, _options), cancellationToken))
            return KeyClaim.Begun(new KeyedRequest(this, _store, _lanes, stream.Ledger, name, id, record, lane, _options, _time));
        if (lane is not null)
            _lanes.Return(lane.Source, lane.Next);
        return KeyClaim.Running(_options.RetryAfter);
    }
}
