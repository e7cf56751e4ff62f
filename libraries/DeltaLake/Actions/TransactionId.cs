namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>txn</c> action: how far an application has come.</summary>
internal readonly record struct TransactionId(string AppId, long Version, long? LastUpdated);
