namespace RealTimeMesh.DeltaLake;

/// <summary>Settings of a table.</summary>
public sealed record DeltaTableOptions
{
    /// <summary>
    /// Commits between two checkpoints. Default 10, as Spark. A table whose <c>delta.checkpointInterval</c> is set keeps its own;
    /// a table created with another value than 10 records it there.
    /// </summary>
    public int CheckpointInterval { get; init; } = 10;

    /// <summary>Name for <c>commitInfo.engineInfo</c>.</summary>
    public string EngineInfo { get; init; } = "RealTimeMesh/0.1";

    /// <summary>Compression of data files: <c>zstd</c> (default: a third smaller than snappy at little more time) or <c>snappy</c>.</summary>
    public string Compression { get; init; } = "zstd";

    /// <summary>How often a lost race is rebased before it is given back as a conflict. Default 1,000.</summary>
    public int MaxCommitAttempts { get; init; } = 1000;

    /// <summary>
    /// What scans and rewrites the table, such as <c>DuckDbTableEngine</c> of RealTimeMesh.DuckDb. Default none: snapshots, history and
    /// appends work without, everything that reads rows says that it is missing.
    /// </summary>
    public ITableEngine? Engine { get; init; }

    /// <summary>Where the table is kept. Default the local file system.</summary>
    public ITableStore Store { get; init; } = new LocalTableStore();

    /// <summary>How often a delete, update, merge or overwrite is worked out anew after a concurrent commit stood against it. Default 20.</summary>
    public int MaxOperationAttempts { get; init; } = 20;

    /// <summary>
    /// Whether a commit is followed by its <c>.crc</c> file, by which other readers check the log. Default true, as the protocol recommends;
    /// it costs a small file each.
    /// </summary>
    public bool WriteChecksums { get; init; } = true;

    /// <summary>Source of the ids in file names, table ids and <c>txnId</c>.</summary>
    public Func<Guid> NewId { get; init; } = Guid.NewGuid;

    /// <summary>
    /// Told of faults that must not fail the caller: a checkpoint that could not be written (the commit stands without it) or read
    /// (the log before it is used instead).
    /// </summary>
    public Action<string, Exception>? OnFault { get; init; }
}
