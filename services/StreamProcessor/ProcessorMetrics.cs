using System.Diagnostics.Metrics;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Measurements of meter <c>RealTimeMesh.StreamProcessor</c>; every one is tagged with its topic.</summary>
internal sealed class ProcessorMetrics : IDisposable
{
    private readonly Meter _meter = new("RealTimeMesh.StreamProcessor");
    private readonly Counter<long> _applied;
    private readonly Counter<long> _late;
    private readonly Counter<long> _quarantined;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _failures;
    private readonly Histogram<long> _batchEvents;
    private readonly Histogram<long> _stateRows;
    private readonly Histogram<double> _batchTime;

    public ProcessorMetrics()
    {
        _applied = _meter.CreateCounter<long>("mesh.stream.applied", "{event}", "Events applied to views");
        _late = _meter.CreateCounter<long>("mesh.stream.late", "{event}", "Events that every view dropped as late");
        _quarantined = _meter.CreateCounter<long>("mesh.stream.quarantined", "{event}", "Events that could not be read");
        _duplicates = _meter.CreateCounter<long>("mesh.stream.duplicates_skipped", "{event}", "Events that their source published again");
        _failures = _meter.CreateCounter<long>("mesh.stream.batch_failures", "{batch}", "Batches that failed and are delivered again");
        _batchEvents = _meter.CreateHistogram<long>("mesh.stream.batch_size", "{event}", "Events of a batch");
        _stateRows = _meter.CreateHistogram<long>("mesh.stream.state_rows", "{row}", "State rows written by a batch");
        _batchTime = _meter.CreateHistogram<double>("mesh.stream.batch_duration", "ms", "From the start of a batch to its stored transaction");
    }

    public void Batch(string topic, int events, BatchOutcome outcome, TimeSpan elapsed)
    {
        var tag = new KeyValuePair<string, object?>("topic", topic);
        _applied.Add(outcome.Applied, tag);
        _late.Add(outcome.Late, tag);
        _quarantined.Add(outcome.Quarantined, tag);
        _duplicates.Add(outcome.DuplicatesSkipped, tag);
        _batchEvents.Record(events, tag);
        _stateRows.Record(outcome.StateRows, tag);
        _batchTime.Record(elapsed.TotalMilliseconds, tag);
    }

    public void Failed(string topic) => _failures.Add(1, new KeyValuePair<string, object?>("topic", topic));

    public void Dispose() => _meter.Dispose();
}
