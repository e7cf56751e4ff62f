namespace RealTimeMesh.RocksDb;

/// <summary>How a log is kept. Components that share a folder must agree on all of it.</summary>
internal sealed record RocksDbLogOptions
{
    /// <summary>Absolute path of the folder.</summary>
    public required string Path { get; init; }

    /// <summary>Partitions of a topic that is created from now on. Default 8.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>Default true: a publish is acknowledged after fsync and survives a loss of power. False: it survives the end of the process only.</summary>
    public bool Sync { get; init; } = true;

    /// <summary>Messages older than this go. Zero, the default, keeps them for good.</summary>
    public TimeSpan RetentionTime { get; init; }

    /// <summary>The oldest messages of a partition go beyond this many bytes of records. Zero, the default, keeps them for good.</summary>
    public long RetentionBytes { get; init; }

    /// <summary>Default 30 s.</summary>
    public TimeSpan RetentionCheckInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that may wait to be written; a publish beyond them waits. Default 64 MiB.</summary>
    public long PublishQueueBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long a publish waits for room in the queue before it fails as overloaded. Default 10 s.</summary>
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
