namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>What became of a publish.</summary>
internal enum PublishStatus
{
    /// <summary>Every event is stored.</summary>
    Stored,

    /// <summary>The log or its sidecar is at its limit; nothing more is stored now.</summary>
    Overloaded,

    /// <summary>The others are certainly not stored.</summary>
    NotStored,

    /// <summary>Each of the others may be stored or not: no answer came, or the log failed over some of them.</summary>
    Unknown,
}

/// <summary>Outcome of publishing a list of events to one topic.</summary>
/// <param name="StoredCount">Events known to be stored: so many from the beginning of the list.</param>
internal sealed record PublishAttempt(PublishStatus Status, int StoredCount, string? Error)
{
    public static PublishAttempt Stored(int count) => new(PublishStatus.Stored, count, null);
}
