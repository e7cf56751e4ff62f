namespace RealTimeMesh.Streaming;

/// <summary>A partition as it stands in the store: what ledgers and watermark displays read, without waiting for a batch.</summary>
public sealed record PartitionStatus(int Partition)
{
    /// <summary>Offset of the last event applied, or -1.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>Largest event time minus the allowed disorder; null before the first event.</summary>
    public DateTime? Watermark { get; init; }

    public long Applied { get; init; }

    public long Late { get; init; }

    public long Quarantined { get; init; }

    public long DuplicatesSkipped { get; init; }

    /// <summary>Events that came once more because they had been dead letters; each is counted again as applied, late or quarantined.</summary>
    public long Redriven { get; init; }

    /// <summary>Late events, groups and windows in memory of each view, in the engine's order of views.</summary>
    public IReadOnlyList<ViewStatus> Views { get; init; } = [];

    /// <summary>When the last batch came, on the injected clock (<see cref="TimeProvider.GetTimestamp"/>).</summary>
    internal long LastActivity { get; init; }
}

/// <summary>One view within a partition.</summary>
/// <param name="Late">Events it dropped as late.</param>
/// <param name="Groups">Groups known in memory.</param>
/// <param name="Windows">Windows in memory.</param>
/// <param name="OldestOpen">Start of the oldest window that still takes events, at the page's precision; null without windows.</param>
public sealed record ViewStatus(long Late, int Groups, int Windows, DateTime? OldestOpen);
