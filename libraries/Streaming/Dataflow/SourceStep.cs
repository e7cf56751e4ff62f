using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Where the rows of one input enter a dataflow.</summary>
internal sealed class SourceStep(RowSchema schema) : Operator(schema)
{
    public override void Process(int port, DataBatch batch) => Emit(batch);

    public override void Advance(int port, long watermark) => Forward(watermark);
}
