using System.Globalization;
using System.Security.Cryptography;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis;

/// <summary>
/// A value is a hash with the fields <c>data</c> and <c>version</c>; the version is its ETag. Every write gives the key
/// a version of its own, so that one HSET writes both. Writes that depend on what is stored watch their keys:
/// EXEC applies all or, where a watched key has changed, nothing.
/// </summary>
internal sealed class RedisStateStore : IStateStore
{
    private const int MostAttempts = 20;

    private static readonly RedisValue Data = "data";
    private static readonly RedisValue Version = "version";
    private static readonly RedisValue[] Fields = [Data, Version];

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly RedisSettings _settings;
    private readonly TimeProvider _time;

    // Starts anywhere below 2^52 (exact in every client's numbers), so that two writers don't give the same version.
    private long _version = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & 0xF_FFFF_FFFF_FFFF;

    private RedisStateStore(ConnectionMultiplexer connection, RedisSettings settings, TimeProvider time)
    {
        _connection = connection;
        _database = connection.GetDatabase();
        _settings = settings;
        _time = time;
    }

    public StateCapabilities Capabilities { get; } = new()
    {
        ETag = true,
        Transactional = true,
        Ttl = true,
        Names = ["ETAG", "TRANSACTIONAL", "TTL", "ACTOR"],
    };

    public static async Task<RedisStateStore> ConnectAsync(RedisSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ConnectionMultiplexer.ConnectAsync(settings.Connection).WaitAsync(cancellationToken);
            return new RedisStateStore(connection, settings, time);
        }
        catch (RedisException e)
        {
            throw new RedisStoreException($"redisHost '{settings.Hosts}': found no server that lets us in ({e.Message}); expected a Redis server; start it, or correct host, password and TLS.", e);
        }
    }

    public async Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => (await BulkGetAsync([key], cancellationToken))[0];

    public async Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var values = new Task<RedisValue[]>[keys.Count];
        var ttls = new Task<TimeSpan?>[keys.Count];
        for (var i = 0; i < keys.Count; i++)
        {
            values[i] = _database.HashGetAsync(keys[i], Fields);
            ttls[i] = _database.KeyTimeToLiveAsync(keys[i]);
        }

        var items = new StateItem?[keys.Count];
        await FaultsNamed(Task.WhenAll([.. values, .. ttls])).WaitAsync(cancellationToken);
        for (var i = 0; i < items.Length; i++)
        {
            var fields = await values[i];
            if (!fields[0].IsNull)
                items[i] = new StateItem((byte[])fields[0]!, fields[1].ToString(), await ttls[i] is { } ttl ? _time.GetUtcNow() + ttl : null);
        }

        return items;
    }

    public Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    public async Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (operations.Count == 0)
            return StateWrite.Applied;
        foreach (var operation in operations)
        {
            if (operation.ETag is { Length: > 0 } etag && !long.TryParse(etag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                return new StateWrite(StateWriteOutcome.ETagInvalid, operation.Key);
        }

        // Not cancelled once sent: its outcome would be unknown.
        return await FaultsNamed(ApplyAsync(operations));
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private async Task<StateWrite> ApplyAsync(IReadOnlyList<StateOperation> operations)
    {
        for (var attempt = 1; ; attempt++)
        {
            var transaction = _database.CreateTransaction();
            var conditions = new List<(string Key, ConditionResult Result)>();
            foreach (var operation in operations)
            {
                if (ConditionOf(operation) is { } condition)
                    conditions.Add((operation.Key, transaction.AddCondition(condition)));
            }

            foreach (var operation in operations)
                Queue(transaction, operation);
            if (await transaction.ExecuteAsync())
                return StateWrite.Applied;
            foreach (var (key, result) in conditions)
            {
                if (!result.WasSatisfied)
                    return new StateWrite(StateWriteOutcome.ETagMismatch, key);
            }

            // The versions matched, but a watched key was written before EXEC. The next look finds its new version,
            // or that only something else about the key had changed.
            if (attempt == MostAttempts || conditions.Count == 0)
                throw new RedisStoreException($"transaction of {operations.Count} operations: found it refused {attempt} times although all versions match; expected it to be applied; check the server's log.");
        }
    }

    private static Condition? ConditionOf(StateOperation operation) => operation switch
    {
        { ETag: { Length: > 0 } etag } => Condition.HashEqual(operation.Key, Version, etag),
        { Kind: StateOperationKind.Upsert, Concurrency: StateConcurrency.FirstWrite } => Condition.KeyNotExists(operation.Key),
        _ => null,
    };

    // Replies of queued commands are not looked at one by one: EXEC tells whether all were applied.
    private void Queue(ITransaction transaction, StateOperation operation)
    {
        RedisKey key = operation.Key;
        if (operation.Kind == StateOperationKind.Delete)
        {
            _ = transaction.KeyDeleteAsync(key, CommandFlags.FireAndForget);
            return;
        }

        _ = transaction.HashSetAsync(key, [new HashEntry(Data, operation.Value), new HashEntry(Version, Interlocked.Increment(ref _version))], CommandFlags.FireAndForget);
        if ((operation.Ttl ?? _settings.DefaultTtl) is { } ttl && ttl > TimeSpan.Zero)
            _ = transaction.KeyExpireAsync(key, ttl, ExpireWhen.Always, CommandFlags.FireAndForget);
        else
            _ = transaction.KeyPersistAsync(key, CommandFlags.FireAndForget);
    }

    private async Task<T> FaultsNamed<T>(Task<T> call)
    {
        await FaultsNamed((Task)call);
        return await call;
    }

    private async Task FaultsNamed(Task call)
    {
        try
        {
            await call;
        }
        catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            throw new RedisStoreException($"redisHost '{_settings.Hosts}': found a key of another type ({e.Message}); expected hashes written by Dapr; use another database or key prefix.", e);
        }
        catch (RedisException e)
        {
            throw new RedisStoreException($"redisHost '{_settings.Hosts}': found a fault ({e.Message}); expected an answer; check that the server runs and has memory and disk.", e);
        }
        catch (RedisTimeoutException e)
        {
            throw new RedisStoreException($"redisHost '{_settings.Hosts}': found no answer in time ({e.Message}); expected one; raise readTimeout or relieve the server.", e);
        }
    }
}
