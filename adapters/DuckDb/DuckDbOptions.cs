namespace RealTimeMesh.DuckDb;

/// <summary>Limits of DuckDB sessions and of the builds that run in them.</summary>
public sealed record DuckDbOptions
{
    /// <summary>Most memory DuckDB's buffers may take, MiB. Beyond it intermediate results spill to <see cref="SpillPath"/>. Default 256.</summary>
    public int MemoryLimitMiB { get; init; } = 256;

    /// <summary>Threads of one session. Default 2: a build shares its machine with the stream.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Folder for intermediate results that do not fit in memory; null to fail instead.</summary>
    public string? SpillPath { get; init; }

    /// <summary>Builds that run at once; more wait. Default 1.</summary>
    public int MaxConcurrentBuilds { get; init; } = 1;

    /// <summary>How often a build starts over from a fresh snapshot after another writer committed first. Default 5.</summary>
    public int MaxCommitAttempts { get; init; } = 5;

    /// <summary>Size of a data file at which the next one is begun, MiB. Default 64.</summary>
    public int TargetFileMiB { get; init; } = 64;

    /// <summary>
    /// Copies row groups in which no row changes byte by byte when a file is written anew, instead of decoding and encoding their rows.
    /// Default true: a change of few rows takes a tenth of the time. False encodes all rows of changed files in DuckDB's way, whoever wrote them.
    /// </summary>
    public bool CopyRowGroups { get; init; } = true;
}
