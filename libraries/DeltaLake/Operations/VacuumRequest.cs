namespace RealTimeMesh.DeltaLake;

/// <summary>Deletes files that no version within the retention needs.</summary>
public sealed record VacuumRequest
{
    /// <summary>How long files stay that no longer belong to the table. Default: the property <c>delta.deletedFileRetentionDuration</c>, or 7 days.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Allows a retention below the table's: readers and writers that run may lose files. Default false: it is refused.</summary>
    public bool AllowShortRetention { get; init; }

    /// <summary>Tells what would be deleted, deletes nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Looks only at what the log removed, not at the folder: quick, but files that never were in a commit stay. Default false.</summary>
    public bool Lite { get; init; }

    /// <summary>Most files deleted at once. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Told as files are deleted.</summary>
    public IProgress<OperationProgress>? Progress { get; init; }
}

/// <summary>What a vacuum has deleted, or would.</summary>
/// <param name="Files">Relative to the table.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Folders">Empty folders that went with them.</param>
public sealed record VacuumResult(IReadOnlyList<string> Files, long Bytes, int Folders);
