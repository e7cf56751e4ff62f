namespace RealTimeMesh.DeltaLake;

/// <summary>What every operation on a table can be told.</summary>
public abstract record TableRequest
{
    /// <summary>Free text for the table's history.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>
    /// Makes the operation idempotent: it is skipped where the application's recorded version is this one or a later one, and records
    /// it in its own commit otherwise. Null for none.
    /// </summary>
    public ApplicationVersion? Application { get; init; }
}

/// <summary>How far an application has come (<c>txn</c>).</summary>
public sealed record ApplicationVersion(string AppId, long Version);
