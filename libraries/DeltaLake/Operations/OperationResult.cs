namespace RealTimeMesh.DeltaLake;

/// <summary>What an operation has done.</summary>
/// <param name="Version">The version it made; null where there was nothing to change.</param>
/// <param name="Metrics">Figures by Spark's names, such as <c>numTargetRowsUpdated</c>.</param>
public sealed record OperationResult(long? Version, IReadOnlyDictionary<string, long> Metrics)
{
    /// <summary>A figure; 0 where the operation has none of the name.</summary>
    public long this[string metric] => Metrics.GetValueOrDefault(metric);

    /// <summary>This and what came after it, as one.</summary>
    internal OperationResult Plus(OperationResult next) => new(next.Version ?? Version, Metrics.Keys.Union(next.Metrics.Keys).ToDictionary(name => name, name => this[name] + next[name]));

    internal static OperationResult Nothing { get; } = new(null, new Dictionary<string, long>());
}
