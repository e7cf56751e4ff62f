using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads pipeline folders.</summary>
public static class PipelineLoader
{
    /// <summary>
    /// Loads the pipelines of a folder (each a folder with a <c>pipeline.yaml</c>); <paramref name="names"/> empty means all.
    /// All faults of all files are returned together; a pipeline with a fault is not among the definitions.
    /// </summary>
    public static PipelineLoadResult Load(string directory, IReadOnlyList<string> names) => throw new NotImplementedException();
}

/// <summary>What was loaded and all that was wrong.</summary>
public sealed record PipelineLoadResult(IReadOnlyList<PipelineDefinition> Pipelines, IReadOnlyList<ConfigurationFault> Faults);
