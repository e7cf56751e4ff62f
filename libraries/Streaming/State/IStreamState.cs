namespace RealTimeMesh.Streaming;

/// <summary>
/// Where an engine keeps its state: a key-value store with transactions and version tags (a Dapr state store,
/// or memory in tests). Calls may run concurrently for different partitions.
/// </summary>
public interface IStreamState
{
    /// <summary>The values of keys, in their order; null where there is none.</summary>
    Task<IReadOnlyList<StoredState?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Applies all changes or none. The values are only read until the call returns. An exception means that the outcome is unknown.</summary>
    Task<StateCommit> CommitAsync(IReadOnlyList<StateChange> changes, CancellationToken cancellationToken);
}

/// <summary>A stored value and its version tag.</summary>
public sealed record StoredState(ReadOnlyMemory<byte> Value, string ETag);

/// <summary>What must hold for a change to be applied.</summary>
public enum StateGuard
{
    None,

    /// <summary>The key has the version of <see cref="StateChange.ETag"/>.</summary>
    Unchanged,

    /// <summary>The key does not exist.</summary>
    Absent,
}

/// <summary>One write of a transaction.</summary>
/// <param name="Key">Key in the store.</param>
/// <param name="Value">New value, UTF-8 JSON; ignored for a deletion.</param>
public readonly record struct StateChange(string Key, ReadOnlyMemory<byte> Value)
{
    public bool Delete { get; init; }

    public StateGuard Guard { get; init; }

    /// <summary>The version expected by <see cref="StateGuard.Unchanged"/>.</summary>
    public string? ETag { get; init; }
}

/// <summary>Expected outcomes of a commit; faults are exceptions.</summary>
public enum StateCommit
{
    Applied,

    /// <summary>A guard did not hold: somebody else wrote. Nothing was changed.</summary>
    Conflict,
}
