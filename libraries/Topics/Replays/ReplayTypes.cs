namespace RealTimeMesh.Topics.Replays;

/// <summary>Records to be written again, to another topic.</summary>
public sealed record ReplayRequest
{
    public string From { get; init; } = "";

    public string To { get; init; } = "";

    /// <summary>Only these; all where empty.</summary>
    public IReadOnlyList<int> Partitions { get; init; } = [];

    public long? FromOffset { get; init; }

    public long? ToOffset { get; init; }

    public DateTimeOffset? FromTime { get; init; }

    public DateTimeOffset? ToTime { get; init; }

    /// <summary>As the browser's: a text in key, value or headers.</summary>
    public string? Contains { get; init; }

    /// <summary>As the browser's: comparisons that must all hold.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>Most records written in a second; null for as fast as it goes.</summary>
    public int? Rate { get; init; }

    /// <summary>Partitions of the new topic; null for as many as the old one has.</summary>
    public int? ToPartitions { get; init; }

    /// <summary>Write to a topic that holds records already.</summary>
    public bool Append { get; init; }
}

/// <summary>Where a replay stands; kept on disk after every batch.</summary>
/// <param name="State"><c>running</c>, <c>paused</c> (by hand or because the process ended), <c>done</c>, <c>failed</c>, <c>cancelled</c>.</param>
/// <param name="Written">Records written to the new topic, each once, whatever was killed.</param>
/// <param name="Filtered">Records the filter left out.</param>
/// <param name="Undecoded">Records that the filter could not see into; left out and counted here too.</param>
/// <param name="TargetEnds">Ends of the new topic's partitions at the last batch that is known to be complete.</param>
public sealed record Replay(
    string Id, string Who, ReplayRequest Request, string State, IReadOnlyList<ReplayPartition> Partitions, long Read, long Written, long Filtered, long Undecoded,
    DateTimeOffset Started, DateTimeOffset Updated, string? Fault, IReadOnlyDictionary<int, long> TargetEnds)
{
    /// <summary>Part of the range that is read, 0 to 1.</summary>
    public double Progress => Partitions.Sum(partition => partition.To - partition.From) is > 0 and var all ? (double)Partitions.Sum(partition => partition.Next - partition.From) / all : 1;
}

/// <param name="Next">The next offset to read.</param>
public sealed record ReplayPartition(int Partition, long From, long Next, long To);
