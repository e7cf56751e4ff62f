using System.Globalization;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.State;

/// <summary>Checks and applies at the server, in one step that nothing else can come between.</summary>
internal sealed class ScriptedWriter(IDatabase database) : IRedisWriter
{
    private const int ArgumentsPerWrite = 4;
    private const string Delete = "d";
    private const string Upsert = "u";
    private const string FirstUpsert = "f";
    private const string MarkedUpsert = "m";

    /// <summary>
    /// For each key four arguments: what to do, wanted version, data, time to live in milliseconds (empty: leave it,
    /// 0: none). All are checked before any is applied. Returns the place of the first that is not let through, or 0.
    /// 'f' is an upsert of a key that must not exist, 'm' one that also marks the key as made by a first write.
    /// </summary>
    private const string Script =
        """
        local function refused(key, kind, wanted)
          local seen = redis.pcall('HGET', key, 'version')
          if not seen or type(seen) == 'table' or seen == '' or seen == wanted then return false end
          if wanted ~= '0' then return true end
          if kind == 'd' then return false end
          return kind ~= 'u' or redis.call('HEXISTS', key, 'first-write') == 1
        end
        for i, key in ipairs(KEYS) do
          local a = (i - 1) * 4
          if refused(key, ARGV[a + 1], ARGV[a + 2]) then return i end
        end
        for i, key in ipairs(KEYS) do
          local a = (i - 1) * 4
          local kind = ARGV[a + 1]
          if kind == 'd' then
            redis.call('DEL', key)
          else
            if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
            redis.call('HSET', key, 'data', ARGV[a + 3])
            if kind == 'm' then redis.call('HSET', key, 'first-write', 0) end
            redis.call('HINCRBY', key, 'version', 1)
            local ttl = ARGV[a + 4]
            if ttl == '0' then
              redis.call('PERSIST', key)
            elseif ttl ~= '' then
              redis.call('PEXPIRE', key, ttl)
            end
          end
        end
        return 0
        """;

    public async Task<bool> WriteAsync(RedisWrite write)
    {
        var arguments = new RedisValue[ArgumentsPerWrite];
        Fill(arguments, write, alone: true);
        return (long)await database.ScriptEvaluateAsync(Script, [write.Key], arguments) == 0;
    }

    public async Task<string?> TransactAsync(IReadOnlyList<RedisWrite> writes)
    {
        var keys = new RedisKey[writes.Count];
        var arguments = new RedisValue[writes.Count * ArgumentsPerWrite];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = writes[i].Key;
            Fill(arguments.AsSpan(i * ArgumentsPerWrite), writes[i], alone: false);
        }

        var place = (long)await database.ScriptEvaluateAsync(Script, keys, arguments);
        return place == 0 ? null : writes[(int)place - 1].Key;
    }

    private static void Fill(Span<RedisValue> arguments, RedisWrite write, bool alone)
    {
        arguments[0] = write switch
        {
            { Data: null } => Delete,
            // daprd marks single writes only; in transactions the mode is honoured, and no mark is left that would refuse daprd's next write.
            { IsFirst: true } => alone ? MarkedUpsert : FirstUpsert,
            _ => Upsert,
        };
        arguments[1] = write.Wanted;
        arguments[2] = write.Data ?? default(ReadOnlyMemory<byte>);
        arguments[3] = write.Ttl switch
        {
            null => "",
            { } ttl when ttl <= TimeSpan.Zero => "0",
            { } ttl => ((long)Math.Ceiling(ttl.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture),
        };
    }
}
