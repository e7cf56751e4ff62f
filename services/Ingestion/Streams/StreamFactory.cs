using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Puts a stream together.</summary>
internal sealed class StreamFactory(EventIds ids, EventSink sink, IRecordStore store, IngestionOptions options, IngestionMetrics metrics, TimeProvider time, ILogger<StreamFactory> logger)
{
    public StreamRuntime Create(StreamDefinition definition, PipelineDefinition pipeline)
    {
        var spec = new StreamSpec(definition, ids, options);
        var ledger = new StreamLedger($"ingestion/http/{definition.Topic}", store, options, time, logger);
        var publisher = new StreamPublisher(spec, sink, ledger, options, metrics, time, logger);
        return new StreamRuntime(spec, RowChecks.Compile(definition, pipeline), ledger, publisher, options);
    }
}
