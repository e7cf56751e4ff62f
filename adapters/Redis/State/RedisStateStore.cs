using System.Globalization;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.State;

/// <summary>A value is a hash with the fields <c>data</c> and <c>version</c>; the version counts its writes and is its ETag.</summary>
internal sealed class RedisStateStore(RedisSettings settings, ConnectionMultiplexer connection, RedisServerTraits server, TimeSpan? defaultTtl, TimeProvider time)
    : IStateStore, IKeysLikeStore
{
    /// <summary>Keys whose values are asked for at once.</summary>
    private const int ReadChunk = 1000;

    private const int ScanPage = 1000;
    private const int ReplicaWaitMilliseconds = 1000;

    private static readonly RedisValue[] Fields = [RedisFields.Data, RedisFields.Version];

    private readonly IDatabase _database = connection.GetDatabase();
    private readonly IRedisWriter _writer = server.RunsScripts ? new ScriptedWriter(connection.GetDatabase()) : new WatchedWriter(connection.GetDatabase());

    public StateCapabilities Capabilities { get; } = new()
    {
        ETag = true,
        Transactional = true,
        Ttl = true,
        WritesKeepTtl = true,
        MissingKeysMatchAnyETag = true,
        Names = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE", "ACTOR"],
    };

    public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken) =>
        NamedAsync(FindAsync(key)).WaitAsync(cancellationToken);

    public async Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var items = new StateItem?[keys.Count];
        var reads = new Task<StateItem?>[Math.Min(ReadChunk, keys.Count)];
        for (var start = 0; start < items.Length; start += ReadChunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(ReadChunk, items.Length - start);
            for (var i = 0; i < count; i++)
                reads[i] = FindAsync(keys[start + i]);
            for (var i = 0; i < count; i++)
                items[start + i] = await NamedAsync(reads[i]).WaitAsync(cancellationToken);
        }

        return items;
    }

    public async Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (RedisWrite.From(operation, defaultTtl) is not { } write)
            return new StateWrite(StateWriteOutcome.ETagInvalid, operation.Key);
        // Not cancelled once sent: its outcome would be unknown.
        if (!await NamedAsync(_writer.WriteAsync(write)))
            return new StateWrite(StateWriteOutcome.ETagMismatch, operation.Key);
        if (operation.Consistency == StateConsistency.Strong && server.Replicas > 0 && operation.Kind == StateOperationKind.Upsert)
            await NamedAsync(_database.ExecuteAsync("WAIT", server.Replicas, ReplicaWaitMilliseconds));
        return StateWrite.Applied;
    }

    public async Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (operations.Count == 0)
            return StateWrite.Applied;
        var writes = new RedisWrite[operations.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            if (RedisWrite.From(operations[i], defaultTtl) is not { } write)
                return new StateWrite(StateWriteOutcome.ETagInvalid, operations[i].Key);
            writes[i] = write;
        }

        return await NamedAsync(_writer.TransactAsync(writes)) is { } conflict ? new StateWrite(StateWriteOutcome.ETagMismatch, conflict) : StateWrite.Applied;
    }

    /// <summary>Sorted; the token is the number of keys before the page.</summary>
    public async Task<StateKeysPage> KeysLikeAsync(StateKeysQuery query, CancellationToken cancellationToken)
    {
        var glob = LikePattern.ToGlob(query.Pattern);
        var start = 0;
        if (query.ContinuationToken is { Length: > 0 } token && !int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out start))
            throw new StatePatternException($"invalid continue token: found '{token}'; expected that of the page before");
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var node in connection.GetServers().Where(s => s is { IsConnected: true, IsReplica: false }))
        {
            RedisValue cursor = "0";
            do
            {
                var reply = await NamedAsync(node.ExecuteAsync(_database.Database, "SCAN", [cursor, "MATCH", glob, "COUNT", ScanPage])).WaitAsync(cancellationToken);
                cursor = (RedisValue)reply[0];
                keys.UnionWith((string[])reply[1]!);
            }
            while (cursor != "0");
        }

        var end = query.PageSize is { } size && size < keys.Count - start ? start + size : keys.Count;
        return new StateKeysPage([.. keys.Skip(start).Take(end - start)], end < keys.Count ? end.ToString(CultureInfo.InvariantCulture) : null);
    }

    public async ValueTask DisposeAsync() => await connection.DisposeAsync();

    private async Task<StateItem?> FindAsync(string key)
    {
        var reading = _database.HashGetAsync(key, Fields);
        var living = _database.KeyTimeToLiveAsync(key);
        RedisValue data, version;
        try
        {
            var fields = await reading;
            (data, version) = (fields[0], fields[1]);
        }
        catch (RedisServerException e) when (RedisFields.IsWrongType(e))
        {
            // Written as a plain text, by something other than Dapr or long ago.
            (data, version) = (await _database.StringGetAsync(key), RedisValue.EmptyString);
        }

        var ttl = await living;
        if (data.IsNull)
            return null;
        if (version.IsNull)
            throw new RedisStoreException($"key '{key}': required hash field 'data' or 'version' was not found");
        return new StateItem(data, version.ToString(), ttl is { } rest ? time.GetUtcNow() + rest : null);
    }

    private async Task<T> NamedAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (RedisServerException e) when (RedisFields.IsWrongType(e))
        {
            throw new RedisStoreException($"redisHost '{settings.Hosts}': found a key of another type ({e.Message}); expected hashes written by Dapr; use another database or key prefix.", e);
        }
        catch (RedisException e)
        {
            throw new RedisStoreException($"redisHost '{settings.Hosts}': found a fault ({e.Message}); expected an answer; check that the server runs and has memory and disk.", e);
        }
        catch (RedisTimeoutException e)
        {
            throw new RedisStoreException($"redisHost '{settings.Hosts}': found no answer in time ({e.Message}); expected one; raise readTimeout or relieve the server.", e);
        }
    }
}
