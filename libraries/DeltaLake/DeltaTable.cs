using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>A Delta table in a folder: the public door of this library. Words are those of the Delta transaction log protocol.</summary>
public sealed class DeltaTable
{
    private DeltaTable(string path) => Path = path;

    /// <summary>Absolute path of the table's folder.</summary>
    public string Path { get; }

    /// <summary>Opens the table of a folder, whether or not it exists yet.</summary>
    public static DeltaTable At(string path, DeltaTableOptions options, TimeProvider time) => throw new NotImplementedException();

    /// <summary>The newest snapshot (or that of <paramref name="version"/>); null where the table does not exist. Cheap when nothing changed since the last call.</summary>
    public Task<Snapshot?> GetSnapshotAsync(long? version, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Begins a transaction on a snapshot; null to create the table.</summary>
    public DeltaTransaction BeginTransaction(Snapshot? snapshot) => throw new NotImplementedException();

    /// <summary>Live files that versions after <paramref name="afterVersion"/> up to the snapshot's added with <c>dataChange</c>, newest state; what an incremental reader reads.</summary>
    public Task<IReadOnlyList<AddFile>> GetAddedFilesAsync(Snapshot snapshot, long afterVersion, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Writes rows as new Parquet data files (one per partition value) with statistics, for a later <see cref="DeltaTransaction.Add"/>. Nothing is visible before a commit.</summary>
    public Task<IReadOnlyList<AddFile>> WriteFilesAsync(RowSchema schema, IReadOnlyList<string> partitionColumns, IReadOnlyList<ColumnBatch> batches, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Describes a Parquet file that another engine wrote into the table's folder as a data file: size, row count and statistics from its footer.</summary>
    public Task<AddFile> DescribeFileAsync(string relativePath, RowSchema schema, IReadOnlyDictionary<string, string?> partitionValues, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>Settings of a table.</summary>
public sealed record DeltaTableOptions
{
    /// <summary>Commits between two checkpoints (<c>delta.checkpointInterval</c>). Default 10, as Spark.</summary>
    public int CheckpointInterval { get; init; } = 10;

    /// <summary>Name for <c>commitInfo.engineInfo</c>.</summary>
    public string EngineInfo { get; init; } = "RealTimeMesh/0.1";
}

/// <summary>One version of a table.</summary>
public sealed class Snapshot
{
    /// <summary>The version, from 0.</summary>
    public required long Version { get; init; }

    public required RowSchema Schema { get; init; }

    public required IReadOnlyList<string> PartitionColumns { get; init; }

    /// <summary>Live data files.</summary>
    public required IReadOnlyList<AddFile> Files { get; init; }

    /// <summary>Last version of each application (<c>txn</c>).</summary>
    public required IReadOnlyDictionary<string, long> Transactions { get; init; }

    /// <summary>Commit time, milliseconds since 1970-01-01T00:00:00Z.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Rows of all live files; -1 where a file does not tell.</summary>
    public long RowCount => Files.Any(file => file.NumRecords < 0) ? -1 : Files.Sum(file => file.NumRecords);
}

/// <summary>An <c>add</c> action.</summary>
/// <param name="Path">Relative to the table, not URI-encoded.</param>
/// <param name="Size">Bytes.</param>
/// <param name="NumRecords">Rows; -1 where unknown.</param>
/// <param name="Stats">The statistics as the JSON text of the log, or null.</param>
public sealed record AddFile(string Path, IReadOnlyDictionary<string, string?> PartitionValues, long Size, long ModificationTime, bool DataChange, long NumRecords, string? Stats);

/// <summary>Actions that become one commit. Not thread-safe.</summary>
public sealed class DeltaTransaction
{
    internal DeltaTransaction()
    {
    }

    /// <summary>Sets schema and partitioning: creates the table, or replaces its metadata.</summary>
    public DeltaTransaction SetMetadata(RowSchema schema, IReadOnlyList<string> partitionColumns, string? name) => throw new NotImplementedException();

    public DeltaTransaction Add(AddFile file) => throw new NotImplementedException();

    public DeltaTransaction Remove(AddFile file) => throw new NotImplementedException();

    /// <summary>Records the application's version in the same commit.</summary>
    public DeltaTransaction SetTransaction(string appId, long version) => throw new NotImplementedException();

    /// <summary>Puts the commit file if absent. A lost race is a value; a blind append may then be rebased with <see cref="CommitResult.Conflict"/>'s snapshot by the caller.</summary>
    public Task<CommitResult> CommitAsync(string operation, IReadOnlyDictionary<string, string> operationParameters, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>Outcome of a commit.</summary>
public abstract record CommitResult
{
    /// <summary>Committed as this version.</summary>
    public sealed record Committed(long Version) : CommitResult;

    /// <summary>Another writer took the version and its commit cannot be reconciled with this one.</summary>
    public sealed record Conflict(long Version, string Reason) : CommitResult;
}
