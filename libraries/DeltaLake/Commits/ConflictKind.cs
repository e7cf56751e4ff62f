namespace RealTimeMesh.DeltaLake;

/// <summary>Why a commit may not follow the one that won its version (the names are those of Delta's exceptions).</summary>
public enum ConflictKind
{
    /// <summary>Another writer created the table.</summary>
    TableCreated,

    /// <summary>The winner changed protocol versions or features.</summary>
    ProtocolChanged,

    /// <summary>The winner changed schema, partitioning or properties.</summary>
    MetadataChanged,

    /// <summary>The winner advanced the same application, or set the same domain.</summary>
    ConcurrentTransaction,

    /// <summary>The winner added rows that this commit should have read.</summary>
    ConcurrentAppend,

    /// <summary>The winner removed a file that this commit has read.</summary>
    ConcurrentDeleteRead,

    /// <summary>The winner removed a file that this commit removes.</summary>
    ConcurrentDeleteDelete,

    /// <summary>The race was lost more often than <see cref="DeltaTableOptions.MaxCommitAttempts"/> allows.</summary>
    AttemptsExhausted,
}
