namespace RealTimeMesh.Console.Snapshots;

/// <summary>
/// The balance of a stream, a pipeline or the mesh: acked = applied + dead-lettered + late + quarantined. The counts come from
/// three services at slightly different moments, so a difference is "in flight" until every counter has stood still for a while.
/// </summary>
public sealed record LedgerSnapshot
{
    public long Acked { get; init; }

    public long Applied { get; init; }

    public long DeadLettered { get; init; }

    public long Late { get; init; }

    public long Quarantined { get; init; }

    /// <summary>Rows in bronze tables.</summary>
    public long Stored { get; init; }

    /// <summary>Rows that bronze tables should hold once all is stored.</summary>
    public long StoredExpected { get; init; }

    /// <summary>Repeated deliveries that were recognised and had no effect.</summary>
    public long RepeatsDropped { get; init; }

    /// <summary>Acknowledged events whose effect is still under way.</summary>
    public long InFlight { get; init; }

    public long Lost { get; init; }

    public long Duplicated { get; init; }

    /// <summary><c>balanced</c>, <c>in_flight</c>, <c>unbalanced</c>, <c>unknown</c> (a service that counts is not answering) or <c>empty</c>.</summary>
    public string State { get; init; } = "unknown";

    public bool Balanced => State == "balanced";

    public static LedgerSnapshot Unknown { get; } = new();

    /// <param name="known">Every service that counts has answered and is answering.</param>
    /// <param name="settled">No counter has moved for a while.</param>
    /// <param name="hasBronze">The stream is stored.</param>
    public static LedgerSnapshot Of(LedgerCounts counts, bool known, bool settled, bool hasBronze)
    {
        var expected = counts.Acked - counts.DeadLettered - counts.Quarantined;
        var effects = counts.Applied + counts.Late;
        var missing = Math.Max(0, Math.Max(expected - effects, hasBronze ? expected - counts.Stored : 0));
        var extra = Math.Max(0, Math.Max(effects - expected, hasBronze ? counts.Stored - expected : 0));
        return new LedgerSnapshot
        {
            Acked = counts.Acked,
            Applied = counts.Applied,
            DeadLettered = counts.DeadLettered,
            Late = counts.Late,
            Quarantined = counts.Quarantined,
            Stored = counts.Stored,
            StoredExpected = hasBronze ? expected : 0,
            RepeatsDropped = counts.RepeatsDropped,
            InFlight = settled ? 0 : Math.Max(missing, extra),
            Lost = settled && known ? missing : 0,
            Duplicated = settled && known ? extra : 0,
            State = !known ? "unknown" : counts.Acked == 0 && effects == 0 ? "empty" : missing + extra == 0 ? "balanced" : settled ? "unbalanced" : "in_flight",
        };
    }

    public static LedgerSnapshot Sum(IReadOnlyList<LedgerSnapshot> parts)
    {
        if (parts.Count == 0)
            return Unknown;
        string[] worst = ["unbalanced", "unknown", "in_flight", "balanced", "empty"];
        return new LedgerSnapshot
        {
            Acked = parts.Sum(part => part.Acked),
            Applied = parts.Sum(part => part.Applied),
            DeadLettered = parts.Sum(part => part.DeadLettered),
            Late = parts.Sum(part => part.Late),
            Quarantined = parts.Sum(part => part.Quarantined),
            Stored = parts.Sum(part => part.Stored),
            StoredExpected = parts.Sum(part => part.StoredExpected),
            RepeatsDropped = parts.Sum(part => part.RepeatsDropped),
            InFlight = parts.Sum(part => part.InFlight),
            Lost = parts.Sum(part => part.Lost),
            Duplicated = parts.Sum(part => part.Duplicated),
            State = worst.First(state => parts.Any(part => part.State == state)),
        };
    }
}

/// <summary>What the services count of one stream.</summary>
public sealed record LedgerCounts(long Acked, long Applied, long DeadLettered, long Late, long Quarantined, long Stored, long RepeatsDropped);
