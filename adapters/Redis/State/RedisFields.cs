using StackExchange.Redis;

namespace RealTimeMesh.Redis.State;

/// <summary>The fields of a value's hash.</summary>
internal static class RedisFields
{
    public static readonly RedisValue Data = "data";

    /// <summary>Number of writes.</summary>
    public static readonly RedisValue Version = "version";

    /// <summary>There where the key was made by a first write: from then on, only writes that name the version are let through.</summary>
    public static readonly RedisValue FirstWrite = "first-write";

    public static bool IsWrongType(RedisServerException fault) => fault.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);
}
