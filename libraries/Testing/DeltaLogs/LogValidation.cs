namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>How a log is validated.</summary>
public sealed record LogValidation
{
    /// <summary>Reads checkpoints, and data files where they are verified. Without one both are left out.</summary>
    public IParquetFiles? Parquet { get; init; }

    /// <summary>Whether statistics are compared with the rows of the data files that are there. Default false.</summary>
    public bool VerifyData { get; init; }

    /// <summary>
    /// Whether the log is also held to what a careful writer does and the protocol only recommends: no unknown fields, no explicit nulls,
    /// complete <c>commitInfo</c>, no removal of what is not live. Default true; false for logs of other engines.
    /// </summary>
    public bool Strict { get; init; } = true;

    /// <summary>Whether the files of the newest version must be there. Default true.</summary>
    public bool ExpectFiles { get; init; } = true;

    /// <summary>The latest time at which the writer's clock may have stood; tombstones may have expired by it. Default: the time of the checkpoint's file.</summary>
    public DateTimeOffset? Now { get; init; }
}
