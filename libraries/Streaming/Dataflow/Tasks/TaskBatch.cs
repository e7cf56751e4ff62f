using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Events of one input of a task, from the first to their commit; holds the task until it is disposed. Events are
/// admitted in offset order. Without a commit nothing has happened.
/// </summary>
internal sealed class TaskBatch : IAsyncDisposable
{
    private readonly StreamTask _task;
    private bool _ended;

    internal TaskBatch(StreamTask task, DataBatch batch) => (_task, Batch) = (task, batch);

    /// <summary>The rows so far. Decode an accepted event into it, then call <see cref="AddRow"/>.</summary>
    public ColumnBatch Rows => Batch.Rows;

    internal DataBatch Batch { get; }

    /// <summary>Decides on an event by its position and its source's sequence; as <see cref="PartitionBatch.Admit"/>.</summary>
    public Admission Admit(long offset, ReadOnlySpan<byte> source, long sequence) => _task.Admit(offset, source, sequence);

    /// <summary>Completes the row that was just appended. False where it has no time in range: it is taken back, and counted as quarantined.</summary>
    public bool AddRow(long offset) => _task.AddRow(offset);

    /// <summary>Passes an accepted event over: it is there already. Counted as a duplicate.</summary>
    public void Skip() => _task.Skip();

    /// <summary>Counts an accepted event that cannot be read.</summary>
    public void Quarantine() => _task.Quarantine();

    /// <summary>Computes all steps and stores effect and position in one transaction. An exception leaves nothing changed but what the store may have taken, which the next batch finds out.</summary>
    /// <param name="beforeStored">Runs once the effect is computed and before it is stored, where events were quarantined: puts them aside. Where it throws, nothing is stored.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<BatchOutcome> CommitAsync(Func<CancellationToken, Task>? beforeStored, CancellationToken cancellationToken)
    {
        _ended = true;
        return _task.CommitAsync(beforeStored, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _task.End(_ended);
        return ValueTask.CompletedTask;
    }
}
