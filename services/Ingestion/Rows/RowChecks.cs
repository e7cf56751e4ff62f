using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>Compiles a stream's expectations.</summary>
internal static class RowChecks
{
    /// <summary>A maker of checks: each batch has its own, because they are used from several threads.</summary>
    public static Func<IRowCheck?> Compile(StreamDefinition stream, PipelineDefinition pipeline)
    {
        return () => null;
    }
}
