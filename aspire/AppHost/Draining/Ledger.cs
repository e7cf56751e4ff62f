namespace RealTimeMesh.AppHost.Draining;

/// <summary>
/// The balance of one stream: every acknowledged event ends in exactly one of applied, dead-lettered, late, quarantined.
/// Counts come from three parts that do not know each other's: the front door, the processor and the lake.
/// </summary>
internal sealed record StreamLedger
{
    public required string Pipeline { get; init; }

    public required string Stream { get; init; }

    /// <summary>Acknowledged to a producer, by Ingestion's durable count.</summary>
    public required long Acked { get; init; }

    /// <summary>In a view's window, or consumed where the stream has no view.</summary>
    public required long Applied { get; init; }

    /// <summary>Rows of the stream in the dead-letter table.</summary>
    public required long DeadLettered { get; init; }

    public required long Late { get; init; }

    public required long Quarantined { get; init; }

    /// <summary>Rows of the bronze table.</summary>
    public required long Stored { get; init; }

    /// <summary>Deliveries recognised as repeats and dropped; they had no effect.</summary>
    public required long RepeatsDropped { get; init; }

    /// <summary>Distinct event ids in bronze, by SQL; -1 before the audit.</summary>
    public long DistinctStored { get; init; } = -1;

    /// <summary>Events that should be in the views and in bronze.</summary>
    private long Expected => Acked - DeadLettered - Quarantined;

    /// <summary>Acknowledged and nowhere: the worse of what views and bronze miss.</summary>
    public long Lost => Math.Max(0, Expected - Math.Min(Applied + Late, DistinctStored < 0 ? Stored : DistinctStored));

    /// <summary>Counted twice in a view, or twice in bronze.</summary>
    public long Duplicated => Math.Max(0, Math.Max(Applied + Late - Expected, DistinctStored < 0 ? Stored - Expected : Stored - DistinctStored));

    public bool Balanced => Lost == 0 && Duplicated == 0 && Acked == Applied + DeadLettered + Late + Quarantined;
}
