using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>
/// Takes the deliveries of one stream: decodes them, applies them partition by partition and answers for each event.
/// An event that cannot be read is quarantined and never blocks its partition; anything else that fails is delivered again.
/// </summary>
internal sealed class StreamWorker(StreamEngine engine, ContractDecoder decoder, WorkerTools tools)
{
    public StreamEngine Engine => engine;

    public RateMeter Rate { get; } = new(tools.Time);

    public async Task<IReadOnlyList<DeliveryStatus>> HandleAsync(BulkDelivery delivery, CancellationToken cancellationToken)
    {
        var events = delivery.Events;
        var statuses = new DeliveryStatus[events.Count];
        await PrepareSchemasAsync(events, cancellationToken);
        foreach (var (partition, indexes) in ByPartition(events))
        {
            try
            {
                if (!await ApplyAsync(partition, indexes, events, cancellationToken))
                    Mark(statuses, indexes);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                tools.Log.BatchFailed(engine.Stream.Topic, partition, exception);
                tools.Metrics.Failed(engine.Stream.Topic);
                Mark(statuses, indexes);
            }
        }

        return statuses;
    }

    private static void Mark(DeliveryStatus[] statuses, IReadOnlyList<int> indexes)
    {
        foreach (var index in indexes)
            statuses[index] = DeliveryStatus.Retry;
    }

    /// <summary>Asks the registry for the schemas of a delivery that were not seen before.</summary>
    private async Task PrepareSchemasAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        var previous = -1;
        foreach (var item in events)
        {
            if (!ConfluentFrame.TryRead(item.Payload.Span, out var id, out _) || id == previous)
                continue;
            previous = id;
            if (!decoder.IsPrepared(id))
                await decoder.PrepareAsync(id, cancellationToken);
        }
    }

    /// <summary>Indexes of the events of each partition, in order. A broker without partitions (-1) counts as having one.</summary>
    private static IEnumerable<KeyValuePair<int, IReadOnlyList<int>>> ByPartition(IReadOnlyList<DeliveredEvent> events)
    {
        var groups = new SortedDictionary<int, IReadOnlyList<int>>();
        List<int>? current = null;
        var partition = -1;
        for (var i = 0; i < events.Count; i++)
        {
            var next = Math.Max(0, events[i].Partition);
            if (next != partition || current is null)
            {
                partition = next;
                current = groups.TryGetValue(next, out var known) ? (List<int>)known : new List<int>(events.Count);
                groups[next] = current;
            }

            current.Add(i);
        }

        return groups;
    }

    /// <summary>Applies the events of one partition. False where another instance holds the partition.</summary>
    private async Task<bool> ApplyAsync(int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        var commit = await ApplyOnceAsync(partition, indexes, events, cancellationToken);
        if (commit != BatchCommit.TooLarge)
            return commit != BatchCommit.Fenced;
        var half = indexes.Count / 2;
        return await ApplyAsync(partition, [.. indexes.Take(half)], events, cancellationToken)
            && await ApplyAsync(partition, [.. indexes.Skip(half)], events, cancellationToken);
    }

    /// <summary>Applies events in one transaction.</summary>
    private async Task<BatchCommit> ApplyOnceAsync(int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        var started = tools.Time.GetTimestamp();
        List<QuarantinedEvent> unreadable = [];
        await using var batch = await engine.BeginAsync(partition, cancellationToken);
        foreach (var index in indexes)
        {
            var item = events[index];
            if (batch.Admit(item.Offset, item.Source.Span, item.Sequence) != Admission.Accept)
                continue;
            if (decoder.TryDecode(item.Payload.Span, batch.Rows, out var error))
            {
                batch.AddRow(item.Offset);
                continue;
            }

            batch.Quarantine();
            unreadable.Add(new QuarantinedEvent(engine.Stream.Topic, partition, item.Offset, item.IdText, error ?? "unreadable", tools.Time.GetUtcNow()));
        }

        var outcome = await batch.CommitAsync(cancellationToken);
        if (outcome.Commit == BatchCommit.Fenced)
            tools.Log.Fenced(engine.Stream.Topic, partition);
        if (outcome.Commit == BatchCommit.Applied)
        {
            Record(partition, indexes, events, outcome, unreadable);
            tools.Metrics.Batch(engine.Stream.Topic, indexes.Count, outcome, tools.Time.GetElapsedTime(started));
        }

        return outcome.Commit;
    }

    private void Record(int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, BatchOutcome outcome, List<QuarantinedEvent> unreadable)
    {
        tools.Latency.Record(indexes, events, tools.Time.GetUtcNow().ToUnixTimeMilliseconds());
        Rate.Add(outcome.Applied + outcome.Late);
        if (outcome.Quarantined > unreadable.Count)
            unreadable.Add(new QuarantinedEvent(engine.Stream.Topic, partition, -1, "", $"{outcome.Quarantined - unreadable.Count} event(s) whose '{engine.Stream.Time.Field}' is null or out of range", tools.Time.GetUtcNow()));
        if (unreadable.Count == 0)
            return;
        foreach (var item in unreadable)
            tools.Quarantine.Add(item);
        tools.Log.Quarantined(engine.Stream.Topic, partition, outcome.Quarantined, unreadable[0].Reason);
        Activity.Current?.SetTag("mesh.quarantined", outcome.Quarantined);
    }
}

/// <summary>What all workers share.</summary>
internal sealed record WorkerTools(TimeProvider Time, LatencyRecorder Latency, QuarantineLog Quarantine, ProcessorMetrics Metrics, ILogger<StreamWorker> Log);
