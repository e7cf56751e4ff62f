using RealTimeMesh.Contracts;
using RealTimeMesh.DataQuality;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>A stream's compiled expectations as the row path asks them.</summary>
internal sealed class RowChecks(RowExpectations expectations) : IRowCheck
{
    public bool Check(ColumnBatch rows, int row, out RejectReason reason)
    {
        if (expectations.Check(rows, row, out var failure))
        {
            reason = default;
            return true;
        }

        reason = new RejectReason(failure.Rule, failure.Column, failure.Found, failure.Expected) { IsExpectation = true };
        return false;
    }

    /// <summary>Null where the stream has no expectations. Throws <see cref="ConfigurationException"/> with every fault.</summary>
    public static IRowCheck? Compile(StreamDefinition stream, PipelineDefinition pipeline)
    {
        if (stream.Expectations is null)
            return null;
        var suite = ExpectationSuite.Parse(stream.Expectations, stream.ExpectationsFile ?? stream.Topic);
        return new RowChecks(RowExpectations.Compile(suite, stream.Contract.Rows, ReferenceSet.Load(pipeline)));
    }
}
