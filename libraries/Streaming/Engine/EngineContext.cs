using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>What all partitions of a stream share.</summary>
internal sealed record EngineContext(StreamDefinition Stream, IReadOnlyList<ViewPlan> Plans, IStreamState State, StreamingOptions Options, TimeProvider Time, string Writer)
{
    /// <summary>Microseconds.</summary>
    public long OutOfOrder { get; } = (long)Stream.Time.OutOfOrder.TotalMicroseconds;
}
