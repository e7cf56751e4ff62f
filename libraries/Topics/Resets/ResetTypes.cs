using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Resets;

/// <summary>Where a group shall be moved on a topic.</summary>
public sealed record ResetRequest
{
    public string Topic { get; init; } = "";

    /// <summary>Only these; all where absent.</summary>
    public IReadOnlyList<int>? Partitions { get; init; }

    /// <summary><c>earliest</c>, <c>latest</c>, <c>offset</c>, <c>time</c> or <c>shift</c>.</summary>
    public string To { get; init; } = "";

    /// <summary>For <c>offset</c>: for all the partitions.</summary>
    public long? Offset { get; init; }

    /// <summary>For <c>offset</c>: by partition.</summary>
    public IReadOnlyDictionary<int, long>? Offsets { get; init; }

    /// <summary>For <c>time</c>: the first record not older than this is next.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>For <c>shift</c>: so many records forward, or back where negative.</summary>
    public long? Shift { get; init; }
}

/// <summary>What moving does in one partition.</summary>
/// <param name="From">The committed offset now; null where there is none.</param>
/// <param name="To">The committed offset afterwards.</param>
/// <param name="Skipped">Records that will never be read.</param>
/// <param name="Repeated">Records that will be read again.</param>
/// <param name="Note">Where the wish was beyond what the partition holds.</param>
public sealed record OffsetMove(int Partition, long? From, long To, long Skipped, long Repeated, string? Note);

/// <param name="Blocked">Why it cannot be carried out now; null where it can.</param>
public sealed record ResetPlan(string Group, string Topic, IReadOnlyList<OffsetMove> Moves, long Skipped, long Repeated, string? Blocked);

/// <summary>A plan to be carried out as it was shown.</summary>
public sealed record ResetOrder
{
    public string Topic { get; init; } = "";

    public IReadOnlyList<OffsetMove> Moves { get; init; } = [];
}
