namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>When the tables of a class are maintained. Variables are <c>MESH_MAINTENANCE_{BRONZE|SILVER|GOLD}_…</c>.</summary>
internal sealed record MaintenancePolicy
{
    /// <summary><c>…_CHECKPOINT_COMMITS</c>: commits after the newest checkpoint at which another is written; 0 for never. Default 100: writers make their own, this is for those that do not.</summary>
    public int CheckpointCommits { get; init; } = 100;

    /// <summary><c>…_OPTIMIZE_FILES</c>: small files at which they are put together; 0 for never. Default 32 for bronze, 16 for others: fewer are not worth writing a partition's last file anew.</summary>
    public int OptimizeFiles { get; init; } = 16;

    /// <summary><c>…_TARGET_MIB</c>: size to which files are put together where the table does not say (<c>delta.targetFileSize</c>), MiB. Default 128.</summary>
    public int TargetMiB { get; init; } = 128;

    /// <summary><c>…_QUIET_S</c>: how long nobody must have committed before files are put together, seconds. Default 0 for bronze, whose appends never conflict with it; 60 for others, whose merges would have to start over.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>…_VACUUM_HOURS</c>: how often files are deleted that no version within the table's retention (<c>delta.deletedFileRetentionDuration</c>, 7 days) needs, and the log is cleaned up; hours, 0 for never. Default 24.</summary>
    public TimeSpan VacuumEvery { get; init; } = TimeSpan.FromHours(24);
}
