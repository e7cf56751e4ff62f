using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// One batch of one partition, from the first event to its commit; holds the partition until it is disposed.
/// Events are admitted in offset order. Without a commit nothing has happened.
/// </summary>
public sealed class PartitionBatch : IAsyncDisposable
{
    private readonly PartitionEngine _engine;
    private bool _ended;

    internal PartitionBatch(PartitionEngine engine) => _engine = engine;

    /// <summary>The rows so far. Decode an accepted event into it, then call <see cref="AddRow"/>.</summary>
    public ColumnBatch Rows => _engine.Batch.Rows;

    /// <summary>Decides on an event by its position and its source's sequence.</summary>
    /// <param name="offset">Broker offset, or -1 where the broker gives none; then redeliveries cannot be told.</param>
    /// <param name="source">CloudEvents <c>source</c>, UTF-8.</param>
    /// <param name="sequence">Place in the source's order, or -1.</param>
    public Admission Admit(long offset, ReadOnlySpan<byte> source, long sequence) => _engine.Admit(offset, source, sequence);

    /// <summary>Completes the row that was just appended to <see cref="Rows"/>.</summary>
    public void AddRow(long offset) => _engine.Batch.Offsets.Add(offset);

    /// <summary>Counts an accepted event that cannot be read.</summary>
    public void Quarantine() => _engine.Quarantine();

    /// <summary>Counts an accepted event as one that was a dead letter and was sent again, beside what becomes of it.</summary>
    public void Redrive() => _engine.Redrive();

    /// <summary>Passes an accepted event over: it is there already. Counted as a duplicate.</summary>
    public void Skip() => _engine.Skip();

    /// <summary>Applies the rows to all views and stores effect and position in one transaction. An exception leaves nothing changed but what the store may have taken, which the next batch finds out.</summary>
    /// <param name="beforeStored">Runs once the effect is computed and before it is stored, with the rows (by their number in the batch) that have no time in range and are counted as quarantined. Where it throws, nothing is stored.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<BatchOutcome> CommitAsync(Func<IReadOnlyList<int>, CancellationToken, Task>? beforeStored, CancellationToken cancellationToken)
    {
        _ended = true;
        return _engine.CommitAsync(beforeStored, cancellationToken);
    }

    /// <summary>As above, with nothing to run before.</summary>
    public Task<BatchOutcome> CommitAsync(CancellationToken cancellationToken) => CommitAsync(null, cancellationToken);

    public ValueTask DisposeAsync()
    {
        if (!_ended)
            _engine.Forget();
        _engine.Release();
        return ValueTask.CompletedTask;
    }
}
