using StackExchange.Redis;

namespace RealTimeMesh.Redis.State;

/// <summary>
/// For servers that run scripts slowly or not at all: looks at the versions, decides, and applies all in a transaction
/// on the condition that the versions are still those; otherwise looks again.
/// </summary>
internal sealed class WatchedWriter(IDatabase database) : IRedisWriter
{
    private const int MostAttempts = 50;

    private static readonly RedisValue[] Guards = [RedisFields.Version, RedisFields.FirstWrite];

    public async Task<bool> WriteAsync(RedisWrite write) => await ApplyAsync([write], alone: true) is null;

    public Task<string?> TransactAsync(IReadOnlyList<RedisWrite> writes) => ApplyAsync(writes, alone: false);

    private async Task<string?> ApplyAsync(IReadOnlyList<RedisWrite> writes, bool alone)
    {
        for (var attempt = 1; ; attempt++)
        {
            var transaction = database.CreateTransaction();
            foreach (var (write, looking) in Look(writes, alone))
            {
                if (await SeenAsync(looking) is not { } seen)
                {
                    // A key of another type is overwritten, as by daprd.
                    _ = transaction.KeyDeleteAsync(write.Key, CommandFlags.FireAndForget);
                    continue;
                }

                if (!write.Admits(seen[0], madeByFirstWrite: alone && !seen[1].IsNull))
                    return write.Key;
                transaction.AddCondition(seen[0].IsNull ? Condition.HashNotExists(write.Key, RedisFields.Version) : Condition.HashEqual(write.Key, RedisFields.Version, seen[0]));
            }

            var stored = new List<Task>(writes.Count);
            foreach (var write in writes)
                Queue(transaction, write, alone, stored);
            if (await transaction.ExecuteAsync())
            {
                // EXEC applies what it can: a command that failed is told by its own reply only.
                await Task.WhenAll(stored);
                return null;
            }

            if (attempt == MostAttempts)
                throw new RedisStoreException($"transaction of {writes.Count} operations: found its keys written by others {attempt} times between look and write; expected to get through; spread the writers over more keys.");
        }
    }

    /// <summary>
    /// Those whose outcome depends on what is stored. In a transaction, a write without conditions is not looked at:
    /// thousands of looks would cost as much as the writes.
    /// </summary>
    private List<(RedisWrite Write, Task<RedisValue[]> Looking)> Look(IReadOnlyList<RedisWrite> writes, bool alone)
    {
        var looks = new List<(RedisWrite, Task<RedisValue[]>)>();
        foreach (var write in writes)
        {
            if (!write.WantsAny || (write.Data is not null && (alone || write.IsFirst)))
                looks.Add((write, database.HashGetAsync(write.Key, Guards)));
        }

        return looks;
    }

    private static async Task<RedisValue[]?> SeenAsync(Task<RedisValue[]> looking)
    {
        try
        {
            return await looking;
        }
        catch (RedisServerException e) when (RedisFields.IsWrongType(e))
        {
            return null;
        }
    }

    private static void Queue(ITransaction transaction, RedisWrite write, bool alone, List<Task> stored)
    {
        RedisKey key = write.Key;
        if (write.Data is not { } data)
        {
            _ = transaction.KeyDeleteAsync(key, CommandFlags.FireAndForget);
            return;
        }

        // The other replies say nothing new: where they fail, so does this one.
        stored.Add(transaction.HashSetAsync(key, RedisFields.Data, data));
        if (write.IsFirst && alone)
            _ = transaction.HashSetAsync(key, RedisFields.FirstWrite, 0, When.Always, CommandFlags.FireAndForget);
        _ = transaction.HashIncrementAsync(key, RedisFields.Version, 1, CommandFlags.FireAndForget);
        if (write.Ttl is not { } ttl)
            return;
        _ = ttl > TimeSpan.Zero ? transaction.KeyExpireAsync(key, ttl, ExpireWhen.Always, CommandFlags.FireAndForget) : transaction.KeyPersistAsync(key, CommandFlags.FireAndForget);
    }
}
