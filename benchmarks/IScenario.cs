namespace RealTimeMesh.Benchmarks;

/// <summary>One measurement with a name.</summary>
internal interface IScenario
{
    string Name { get; }

    string Description { get; }

    Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken);
}
