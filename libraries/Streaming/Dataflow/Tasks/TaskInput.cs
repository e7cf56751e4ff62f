namespace RealTimeMesh.Streaming;

/// <summary>One topic within a task: how far it is applied, how far its event time has come, what was counted.</summary>
internal sealed class TaskInput(TaskSource source)
{
    private readonly long _outOfOrder = (long)source.OutOfOrder.TotalMicroseconds;

    public TaskSource Source { get; } = source;

    /// <summary>Offset of the last event applied, or -1.</summary>
    public long Offset { get; set; } = -1;

    /// <summary>Largest event time, microseconds, or <see cref="DataBatch.NoTime"/>, and the offset of its event.</summary>
    public long MaxTime { get; set; } = DataBatch.NoTime;

    public long MaxOffset { get; set; } = -1;

    /// <summary>Event time that was taken over from others while no events came.</summary>
    public long Floor { get; set; } = DataBatch.NoTime;

    public long Applied { get; set; }

    public long Late { get; set; }

    public long Quarantined { get; set; }

    public long DuplicatesSkipped { get; set; }

    public SourceSequences Sequences { get; } = new();

    /// <summary>When the last events came, on the injected clock.</summary>
    public long LastActivity { get; set; }

    /// <summary>No event of an earlier time is expected any more; <see cref="DataBatch.NoTime"/> before the first.</summary>
    public long Watermark => MaxTime == DataBatch.NoTime ? Floor : Math.Max(Floor, MaxTime - _outOfOrder);

    /// <summary>Takes an event's time; returns the watermark before it.</summary>
    public long Take(long time, long offset)
    {
        var mark = Watermark;
        if (time > MaxTime)
            (MaxTime, MaxOffset) = (time, offset);
        return mark;
    }

    public bool IsIdle(TimeProvider time) => time.GetElapsedTime(LastActivity) >= Source.IdleAfter;
}
