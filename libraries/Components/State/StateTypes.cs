namespace RealTimeMesh.Components;

/// <summary>What a store can do.</summary>
public sealed record StateCapabilities
{
    public bool ETag { get; init; }

    public bool Transactional { get; init; }

    public bool Ttl { get; init; }

    /// <summary>
    /// A write that says nothing about a time to live leaves an earlier limit as it is (daprd's <c>state.redis</c>);
    /// false where it takes the limit away (all others).
    /// </summary>
    public bool WritesKeepTtl { get; init; }

    /// <summary>
    /// A write with an ETag makes a key that does not exist, and a deletion with an ETag of such a key succeeds
    /// (daprd's <c>state.redis</c>); false where that is a mismatch (all others).
    /// </summary>
    public bool MissingKeysMatchAnyETag { get; init; }

    /// <summary>A conflict among many operations names the key; false where only the component behind the store knows it.</summary>
    public bool NamesConflictingKey { get; init; } = true;

    /// <summary>Most operations in a transaction; 0 for no limit.</summary>
    public int MaxTransactionOperations { get; init; }

    /// <summary>Names for Dapr's metadata API, such as <c>ETAG</c>, <c>TRANSACTIONAL</c>, <c>TTL</c>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>A stored value with its version tag and, where it has one, the time at which it expires.</summary>
/// <param name="ETag">Empty where the value has none (written by something other than Dapr).</param>
public sealed record StateItem(ReadOnlyMemory<byte> Value, string ETag, DateTimeOffset? ExpiresAt)
{
    /// <summary>What a store tells of the item beside its end; null for nothing.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Why this item of a bulk read could not be read; null where it was.</summary>
    public string? Error { get; init; }
}

/// <summary>What to do with a key.</summary>
public enum StateOperationKind
{
    Upsert,
    Delete,
}

/// <summary>Dapr's concurrency modes.</summary>
public enum StateConcurrency
{
    /// <summary>The request named none: an ETag is checked where there is one.</summary>
    Unspecified,

    /// <summary>Without an ETag, the key must not exist yet.</summary>
    FirstWrite,

    /// <summary>Asked for by name. Stores differ: <c>state.redis</c> then overlooks an ETag, the others check it all the same.</summary>
    LastWrite,
}

/// <summary>Dapr's consistency hints.</summary>
public enum StateConsistency
{
    Unspecified,
    Eventual,

    /// <summary>The write is acknowledged when the store's replicas have it, where the store has such.</summary>
    Strong,
}

/// <summary>One write.</summary>
public sealed record StateOperation(StateOperationKind Kind, string Key)
{
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The value came as JSON, not as bytes; stores that tell the two apart in their rows (<c>state.sqlite</c>) keep it as text.</summary>
    public bool IsJson { get; init; }

    /// <summary>The version the caller saw; null for none. A mismatch changes nothing.</summary>
    public string? ETag { get; init; }

    public StateConcurrency Concurrency { get; init; }

    public StateConsistency Consistency { get; init; }

    /// <summary>
    /// Time to live. Null where the request names none: the component's own default holds. Zero keeps the value for
    /// good, whatever that default says, and takes an earlier limit away (Dapr's <c>ttlInSeconds</c> of 0 or -1).
    /// </summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>The request's metadata, for stores that pass it on; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Media type of the value, for stores that keep it; null for none.</summary>
    public string? ContentType { get; init; }
}

/// <summary>Outcome of a write. <see cref="Key"/> names the key that decided it, null on success.</summary>
public sealed record StateWrite(StateWriteOutcome Outcome, string? Key = null)
{
    public static StateWrite Applied { get; } = new(StateWriteOutcome.Applied);

    /// <summary>What the store itself said about a conflict; null for nothing.</summary>
    public string? Detail { get; init; }
}

/// <summary>Expected outcomes of a write; faults are exceptions.</summary>
public enum StateWriteOutcome
{
    Applied,

    /// <summary>The key has another version, or exists where it must not.</summary>
    ETagMismatch,

    /// <summary>The ETag is not one this store could have given.</summary>
    ETagInvalid,
}
