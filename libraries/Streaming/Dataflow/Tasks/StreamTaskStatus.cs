namespace RealTimeMesh.Streaming;

/// <summary>A task as it stands in the store: what ledgers and displays read, without waiting for a batch.</summary>
internal sealed record StreamTaskStatus(int Partition, IReadOnlyList<TaskInputStatus> Inputs)
{
    /// <summary>Late rows by step.</summary>
    public IReadOnlyList<(string Step, long Late)> Late { get; init; } = [];

    /// <summary>Rows of each view.</summary>
    public IReadOnlyList<(string View, int Rows)> Views { get; init; } = [];

    /// <summary>The latest late events, oldest first.</summary>
    public IReadOnlyList<LateEvent> LateEvents { get; init; } = [];

    /// <summary>Bytes of state in memory, roughly.</summary>
    public long StateBytes { get; init; }
}

/// <summary>One input of a task.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Offset">Offset of the last event applied, or -1.</param>
/// <param name="Watermark">Microseconds, or <see cref="DataBatch.NoTime"/>.</param>
internal sealed record TaskInputStatus(string Topic, long Offset, long Watermark)
{
    public long Applied { get; init; }

    public long Late { get; init; }

    public long Quarantined { get; init; }

    public long DuplicatesSkipped { get; init; }

    /// <summary>When its last events came, on the injected clock.</summary>
    public long LastActivity { get; init; }
}
