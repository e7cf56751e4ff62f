using System.Collections.Concurrent;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Rules;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>A stream at work.</summary>
internal sealed class StreamRuntime(StreamSpec spec, IRowCheck? check, StreamLedger ledger, StreamPublisher publisher, IngestionOptions options) : IAsyncDisposable
{
    private const int MaxIdleBatches = 16;

    /// <summary>Batches of a few rows are kept in greater numbers: thousands of senders have one each for a moment.</summary>
    private const int MaxIdleSmallBatches = 64;

    private const int SmallBytes = 32 * 1024;

    private readonly ConcurrentBag<EventBatch> _idle = [];
    private string? _problem = "its contract is not registered yet";

    public StreamSpec Spec => spec;

    public IRowCheck? Check => check;

    public StreamLedger Ledger => ledger;

    public StreamPublisher Publisher => publisher;

    /// <summary>Why events can't be taken yet; null where they can.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    public void SetReady(int schemaId, RowRuleSet? rules)
    {
        spec.SchemaId = schemaId;
        spec.Rules = rules;
        Volatile.Write(ref _problem, null);
    }

    public void SetProblem(string problem) => Volatile.Write(ref _problem, problem);

    /// <summary>A batch to fill; give it back with <see cref="Return"/>.</summary>
    public EventBatch Rent() => _idle.TryTake(out var batch) ? batch : new EventBatch(spec, options, check);

    public void Return(EventBatch batch)
    {
        if (_idle.Count < (batch.Footprint <= SmallBytes ? MaxIdleSmallBatches : MaxIdleBatches))
            _idle.Add(batch);
        else
            batch.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await publisher.DisposeAsync();
        while (_idle.TryTake(out var batch))
            batch.Dispose();
    }
}
