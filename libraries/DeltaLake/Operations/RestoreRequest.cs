namespace RealTimeMesh.DeltaLake;

/// <summary>Makes the table what it was; the versions since stay in its history.</summary>
public sealed record RestoreRequest : TableRequest
{
    /// <summary>The version to go back to, or null for <see cref="Timestamp"/>.</summary>
    public long? Version { get; init; }

    /// <summary>Go back to the newest version committed at this time or before.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Leaves out data files that are gone. Default false: they are an error that names them.</summary>
    public bool IgnoreMissingFiles { get; init; }
}
