namespace RealTimeMesh.DeltaLake;

/// <summary>Changes columns of rows.</summary>
/// <param name="Set">Column to its new value, in Spark SQL over the row as it was.</param>
/// <param name="Where">Which rows, in Spark SQL; null for all.</param>
public sealed record UpdateRequest(IReadOnlyDictionary<string, string> Set, string? Where = null) : TableRequest;
