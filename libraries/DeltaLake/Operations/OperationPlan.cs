namespace RealTimeMesh.DeltaLake;

/// <summary>An attempt of an operation, ready to be committed.</summary>
internal sealed record OperationPlan(DeltaTransaction Transaction, string Operation, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, long> Metrics);
