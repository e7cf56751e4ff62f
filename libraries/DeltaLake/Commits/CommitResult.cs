namespace RealTimeMesh.DeltaLake;

/// <summary>Outcome of a commit.</summary>
public abstract record CommitResult
{
    /// <summary>Committed as this version.</summary>
    public sealed record Committed(long Version) : CommitResult;

    /// <summary>Another writer took the version and its commit cannot be reconciled with this one. <paramref name="Version"/> is the winner's.</summary>
    public sealed record Conflict(long Version, ConflictKind Kind, string Reason) : CommitResult;
}
