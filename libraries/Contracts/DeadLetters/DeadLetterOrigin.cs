namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>Where a dead letter's event came from and who gave it up.</summary>
/// <param name="Consumer">App id or consumer group that gave it up; <see cref="Door"/> for Ingestion.</param>
/// <param name="Topic">The event's topic; for an event that never reached one, the topic it was meant for.</param>
public sealed record DeadLetterOrigin(string Consumer, string Topic)
{
    /// <summary>The consumer that keeps events out of their stream. Only its dead letters are events that no other consumer has seen.</summary>
    public const string Door = "ingestion";

    /// <summary>CloudEvents <c>source</c> of the event; empty where it had none.</summary>
    public string Source { get; init; } = "";

    /// <summary>Place in the source's own order; null where it has none.</summary>
    public long? Position { get; init; }

    /// <summary>Partition and offset; null for an event that never reached a topic, or whose broker gives none.</summary>
    public int? Partition { get; init; }

    public long? Offset { get; init; }

    /// <summary>The message's key; null where it is not known.</summary>
    public string? Key { get; init; }
}
