namespace RealTimeMesh.DeltaLake;

/// <summary>Deletes rows.</summary>
/// <param name="Where">Which, in Spark SQL; null for all.</param>
public sealed record DeleteRequest(string? Where = null) : TableRequest;
