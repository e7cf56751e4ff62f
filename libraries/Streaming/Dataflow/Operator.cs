using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// A step of a dataflow within one partition: rows in by ports, rows out to the next steps, and the watermark through
/// both. Rows come before the watermark that covers them. State changes are logged: what was written since the last
/// <see cref="WriteChanges"/> makes another instance, by <see cref="Apply"/>, equal to this one. Not thread-safe.
/// </summary>
internal abstract class Operator(RowSchema output)
{
    private readonly List<(Operator Next, int Port)> _next = [];

    /// <summary>What leaves the step.</summary>
    public RowSchema Output { get; } = output;

    /// <summary>Rows dropped because their time had passed.</summary>
    public long Late { get; private set; }

    /// <summary>Takes note of a row (its number in the batch) that was dropped because its time had passed.</summary>
    public Action<DataBatch, int>? LateRow { get; set; }

    /// <summary>The first window that is still open; null where there is none, or where the step has no windows.</summary>
    public virtual HeldWindow? FirstOpen => null;

    /// <summary>Bytes of state in memory, roughly.</summary>
    public virtual long StateBytes => 0;

    /// <summary>Connects a port of a later step.</summary>
    public void To(Operator next, int port = 0) => _next.Add((next, port));

    /// <summary>Takes rows in; they are only valid during the call.</summary>
    public abstract void Process(int port, DataBatch batch);

    /// <summary>Event time has come this far on a port: no row of an earlier time is expected there any more.</summary>
    public abstract void Advance(int port, long watermark);

    /// <summary>Writes what changed since the last call.</summary>
    public virtual void WriteChanges(ChangeWriter changes)
    {
    }

    /// <summary>Writes the state in pieces, as changes to an empty one, while rows go on being processed.</summary>
    public virtual IEnumerable<bool> WriteAll(ChangeWriter changes) => [];

    /// <summary>Takes in a change that was written before.</summary>
    public virtual void Apply(ref BlobReader change) =>
        throw new StreamingException("stored state: found a change of a step that keeps none; expected the plan that wrote it; the state was written by another definition.");

    /// <summary>After a restart: what was given before this watermark is not given again.</summary>
    public virtual void Resume(long watermark)
    {
    }

    /// <summary>After a restart: event time had come this far on a port, for this step and those after it.</summary>
    public virtual void Resume(int port, long watermark)
    {
        Resume(watermark);
        ResumeNext(watermark);
    }

    protected void ResumeNext(long watermark)
    {
        foreach (var (next, port) in _next)
            next.Resume(port, watermark);
    }

    protected void DropLate(DataBatch batch, int row)
    {
        Late++;
        LateRow?.Invoke(batch, row);
    }

    protected void Emit(DataBatch batch)
    {
        if (batch.Count == 0)
            return;
        foreach (var (next, port) in _next)
            next.Process(port, batch);
    }

    protected void Forward(long watermark)
    {
        foreach (var (next, port) in _next)
            next.Advance(port, watermark);
    }
}

/// <summary>A window that waits for event time. All in microseconds.</summary>
/// <param name="Start">Its start.</param>
/// <param name="End">Its end: it closes when the watermark gets there.</param>
/// <param name="Watermark">How far event time has come at the step, or <see cref="DataBatch.NoTime"/>.</param>
internal readonly record struct HeldWindow(long Start, long End, long Watermark);
