using System.Globalization;
using RealTimeMesh.Components;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.State;

/// <summary>An operation in the terms of daprd's component.</summary>
/// <param name="Wanted">The version it asks for; <see cref="AnyVersion"/> where it asks for none.</param>
/// <param name="Data">What to store; null to delete.</param>
/// <param name="IsFirst">The key must not exist, unless a version is asked for.</param>
/// <param name="Ttl">Null leaves a limit as it is, zero takes it away.</param>
internal sealed record RedisWrite(string Key, string Wanted, ReadOnlyMemory<byte>? Data, bool IsFirst, TimeSpan? Ttl)
{
    public const string AnyVersion = "0";

    public bool WantsAny => Wanted == AnyVersion;

    /// <summary>The write of an operation; null where its ETag is none of this store's.</summary>
    public static RedisWrite? From(StateOperation operation, TimeSpan? defaultTtl)
    {
        var etag = string.IsNullOrEmpty(operation.ETag) ? AnyVersion : operation.ETag;
        if (operation.Kind == StateOperationKind.Delete)
            return new RedisWrite(operation.Key, etag, null, false, null);
        if (operation.Concurrency == StateConcurrency.LastWrite)
            etag = AnyVersion;
        return long.TryParse(etag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var version)
            ? new RedisWrite(operation.Key, version.ToString(CultureInfo.InvariantCulture), operation.Value, operation.Concurrency == StateConcurrency.FirstWrite, operation.Ttl ?? defaultTtl)
            : null;
    }

    /// <summary>Whether it is let through where the key has this version (null or empty: none) and was made by a first write.</summary>
    public bool Admits(RedisValue seen, bool madeByFirstWrite)
    {
        if (seen.IsNullOrEmpty || seen == Wanted)
            return true;
        return WantsAny && (Data is null || !(IsFirst || madeByFirstWrite));
    }
}

/// <summary>A way to apply writes that depend on what is stored.</summary>
internal interface IRedisWriter
{
    /// <summary>False where the key has another version.</summary>
    Task<bool> WriteAsync(RedisWrite write);

    /// <summary>Applies all and returns null, or none and returns the key that has another version.</summary>
    Task<string?> TransactAsync(IReadOnlyList<RedisWrite> writes);
}
