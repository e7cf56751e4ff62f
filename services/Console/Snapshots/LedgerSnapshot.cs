using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Console.Snapshots;

/// <summary>
/// The balance of a stream, a pipeline or the mesh. The counts come from three services at slightly different moments, so a
/// difference is "in flight" until every counter has stood still for a while.
/// </summary>
public sealed record LedgerSnapshot
{
    public long Acked { get; init; }

    public long Applied { get; init; }

    public long DeadLettered { get; init; }

    public long Late { get; init; }

    public long Quarantined { get; init; }

    /// <summary>Sent to their topic again after they had been set aside.</summary>
    public long Redriven { get; init; }

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
    public static LedgerSnapshot Of(EventBalance counts, bool known, bool settled)
    {
        var (missing, surplus) = (counts.Missing, counts.Surplus);
        return new LedgerSnapshot
        {
            Acked = counts.Acked,
            Applied = counts.Applied,
            DeadLettered = counts.DeadLettered,
            Late = counts.Late,
            Quarantined = counts.Quarantined,
            Redriven = counts.Redriven,
            Stored = counts.Stored,
            StoredExpected = counts.HasBronze ? counts.Expected : 0,
            RepeatsDropped = counts.RepeatsDropped,
            InFlight = settled ? 0 : Math.Max(missing, surplus),
            Lost = settled && known ? missing : 0,
            Duplicated = settled && known ? surplus : 0,
            State = !known ? "unknown" : counts.Acked + counts.Applied + counts.Late == 0 ? "empty" : missing + surplus == 0 ? "balanced" : settled ? "unbalanced" : "in_flight",
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
            Redriven = parts.Sum(part => part.Redriven),
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
