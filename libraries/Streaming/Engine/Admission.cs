namespace RealTimeMesh.Streaming;

/// <summary>What is to be done with an event of a delivery.</summary>
public enum Admission
{
    /// <summary>New: decode it and call <see cref="PartitionBatch.AddRow"/> or <see cref="PartitionBatch.Quarantine"/>.</summary>
    Accept,

    /// <summary>Its offset has been applied before: a redelivery. Nothing is to be done or counted.</summary>
    AlreadyApplied,

    /// <summary>Its source published it again after a crash. Counted as skipped; nothing else is to be done.</summary>
    Duplicate,
}

/// <summary>How a batch ended.</summary>
public enum BatchCommit
{
    /// <summary>Effect and position are stored.</summary>
    Applied,

    /// <summary>All events had been applied before: nothing to store.</summary>
    Nothing,

    /// <summary>Somebody else processes this partition. Nothing was stored; the next batch starts from what they stored.</summary>
    Fenced,

    /// <summary>Its state rows are more than one transaction may hold. Nothing was stored; apply the first half of the events, then the rest.</summary>
    TooLarge,
}

/// <summary>What a batch did.</summary>
public readonly record struct BatchOutcome(BatchCommit Commit, int Applied, int Late, int Quarantined, int DuplicatesSkipped, int StateRows, long StateBytes);
