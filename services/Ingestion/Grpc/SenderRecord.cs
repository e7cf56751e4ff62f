namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>How far a named sender has come, as stored.</summary>
internal sealed record SenderRecord
{
    /// <summary>Highest sequence of which the event is stored and counted.</summary>
    public long LastSequence { get; init; } = -1;
}
