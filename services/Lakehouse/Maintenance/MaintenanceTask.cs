namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>Kinds of maintenance.</summary>
internal enum MaintenanceTask
{
    /// <summary>Write a checkpoint, so that readers need not replay the commits before it.</summary>
    Checkpoint,

    /// <summary>Delete commits beyond the log's retention.</summary>
    CleanLog,

    /// <summary>Put small files together.</summary>
    Optimize,

    /// <summary>Delete files that no version within the retention needs.</summary>
    Vacuum,
}

/// <summary>How a task ended.</summary>
internal enum MaintenanceOutcome
{
    Done,

    /// <summary>There was nothing to do.</summary>
    Nothing,

    /// <summary>A writer came first; nothing was changed.</summary>
    Conflict,

    /// <summary>Too little space on the disk; nothing was begun.</summary>
    DiskShort,

    /// <summary>The table asks for what is not supported; nothing was begun.</summary>
    Refused,

    Cancelled,

    Failed,
}

/// <summary>A task that was run.</summary>
/// <param name="Number">From 1 since the service started.</param>
/// <param name="Trigger"><c>policy</c>, or who asked for it.</param>
/// <param name="Figures">Such as <c>files</c> and <c>bytes</c>.</param>
internal sealed record MaintenanceRun(
    long Number, string Pipeline, string Table, MaintenanceTask Task, string Trigger, DateTimeOffset StartedAt, double Seconds, MaintenanceOutcome Outcome, IReadOnlyDictionary<string, long> Figures, string? Error);

/// <summary>A task that runs now.</summary>
internal sealed record RunningMaintenance(string Pipeline, string Table, MaintenanceTask Task, string Trigger, DateTimeOffset StartedAt, long Done, long Total);
