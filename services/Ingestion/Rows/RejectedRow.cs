namespace RealTimeMesh.Ingestion.Rows;

/// <summary>A rejected event for the answer to its sender.</summary>
internal readonly record struct RejectedRow(long Position, RejectReason Reason);
