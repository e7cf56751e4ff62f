namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>What became of one request's batch.</summary>
/// <param name="Accepted">Events stored on the topic.</param>
/// <param name="Rejected">Events stored on the dead-letter topic.</param>
/// <param name="NotStored">Positions of the events that are not known to be stored.</param>
internal sealed record PublishOutcome(PublishStatus Status, int Accepted, int Rejected, IReadOnlyList<long> NotStored, string? Error);
