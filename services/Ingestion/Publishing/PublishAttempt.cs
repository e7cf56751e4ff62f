namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>What became of a publish.</summary>
internal enum PublishStatus
{
    /// <summary>Every event is stored.</summary>
    Stored,

    /// <summary>The log or its sidecar is at its limit; nothing more is stored now.</summary>
    Overloaded,

    /// <summary>Some events, or all, are certainly not stored.</summary>
    NotStored,

    /// <summary>The answer never came: the events may be stored or not.</summary>
    Unknown,
}

/// <summary>Outcome of publishing a list of events to one topic.</summary>
/// <param name="Failed">Places of the events not known to be stored, ascending; empty where all are.</param>
internal sealed record PublishAttempt(PublishStatus Status, IReadOnlyList<int> Failed, string? Error)
{
    public static PublishAttempt Stored { get; } = new(PublishStatus.Stored, [], null);
}
