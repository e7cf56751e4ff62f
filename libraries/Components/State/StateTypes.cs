namespace RealTimeMesh.Components;

/// <summary>What a store can do.</summary>
public sealed record StateCapabilities
{
    public bool ETag { get; init; }

    public bool Transactional { get; init; }

    public bool Ttl { get; init; }

    /// <summary>Most operations in a transaction; 0 for no limit.</summary>
    public int MaxTransactionOperations { get; init; }

    /// <summary>Names for Dapr's metadata API, such as <c>ETAG</c>, <c>TRANSACTIONAL</c>, <c>TTL</c>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>A stored value with its version tag and, where it has one, the time at which it expires.</summary>
public sealed record StateItem(ReadOnlyMemory<byte> Value, string ETag, DateTimeOffset? ExpiresAt);

/// <summary>What to do with a key.</summary>
public enum StateOperationKind
{
    Upsert,
    Delete,
}

/// <summary>Dapr's concurrency modes.</summary>
public enum StateConcurrency
{
    LastWrite,

    /// <summary>Without an ETag, the key must not exist yet.</summary>
    FirstWrite,
}

/// <summary>One write.</summary>
public sealed record StateOperation(StateOperationKind Kind, string Key)
{
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The version the caller saw; null for none. A mismatch changes nothing.</summary>
    public string? ETag { get; init; }

    public StateConcurrency Concurrency { get; init; }

    /// <summary>Time to live; null keeps the value for good, and takes an earlier limit away.</summary>
    public TimeSpan? Ttl { get; init; }
}

/// <summary>Outcome of a write. <see cref="Key"/> names the key that decided it, null on success.</summary>
public sealed record StateWrite(StateWriteOutcome Outcome, string? Key = null)
{
    public static StateWrite Applied { get; } = new(StateWriteOutcome.Applied);
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
