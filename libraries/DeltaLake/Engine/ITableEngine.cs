using Apache.Arrow;

namespace RealTimeMesh.DeltaLake;

/// <summary>Reads and rewrites the rows of data files; the log is this library's own. Thread-safe.</summary>
public interface ITableEngine
{
    /// <summary>Such as <c>duckdb</c>; for messages.</summary>
    string Name { get; }

    /// <summary>
    /// Live rows of a snapshot. Batches come as they are read, memory is bounded by the engine's own limit; stopping the enumeration or
    /// cancelling stops the scan. The reader disposes the batches.
    /// </summary>
    IAsyncEnumerable<RecordBatch> ScanAsync(ScanRequest request, CancellationToken cancellationToken);

    /// <summary>Changed rows: the columns of the set's schema, then <c>_change_type</c>, <c>_commit_version</c> and <c>_commit_timestamp</c>.</summary>
    IAsyncEnumerable<RecordBatch> ScanChangesAsync(ChangeSet changes, CancellationToken cancellationToken);

    /// <summary>
    /// Begins an operation that changes rows: takes in the source's rows, where there are any, and keeps them until the work is disposed of,
    /// so that an attempt which lost its race can be made again.
    /// </summary>
    Task<ITableWork> OpenAsync(RowSource? source, CancellationToken cancellationToken);
}
