namespace RealTimeMesh.DeltaLake;

/// <summary>The primary key of a logical file (PROTOCOL.md, "Action Reconciliation").</summary>
internal readonly record struct FileKey(string Path, string? DeletionVectorId);
