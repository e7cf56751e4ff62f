using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>
/// Takes the deliveries of one stream: decodes them, applies them partition by partition and answers for each event.
/// An event that cannot be read, or that fails each time, is a dead letter and quarantined, and never blocks its partition; what else
/// fails (state store, registry, broker) is delivered again, in order.
/// </summary>
internal sealed class StreamWorker(StreamEngine engine, ContractDecoder decoder, WorkerTools tools)
{
    private readonly ConcurrentDictionary<int, GivenUpEvents> _givenUp = new();

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

    public static void Mark(DeliveryStatus[] statuses, IReadOnlyList<int> indexes)
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
    public static IEnumerable<KeyValuePair<int, IReadOnlyList<int>>> ByPartition(IReadOnlyList<DeliveredEvent> events)
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
        var commit = await TryAsync(partition, indexes, events, cancellationToken);
        if (commit != BatchCommit.TooLarge)
            return commit != BatchCommit.Fenced;
        var half = indexes.Count / 2;
        return await ApplyAsync(partition, [.. indexes.Take(half)], events, cancellationToken)
            && await ApplyAsync(partition, [.. indexes.Skip(half)], events, cancellationToken);
    }

    /// <summary>
    /// Applies events in one transaction. Events that cannot be applied, whenever they are tried, must not keep the others waiting:
    /// halves (told as too large a batch) find the one, and it alone is given up.
    /// </summary>
    private async Task<BatchCommit> TryAsync(int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyOnceAsync(partition, indexes, events, null, cancellationToken);
        }
        catch (Exception exception) when (Failures.IsDeterministic(exception))
        {
            if (indexes.Count > 1)
                return BatchCommit.TooLarge;
            tools.Log.EventFailed(engine.Stream.Topic, partition, events[indexes[0]].Offset, exception);
            return await ApplyOnceAsync(partition, indexes, events, PartitionRun.Failing(exception), cancellationToken);
        }
    }

    private async Task<BatchCommit> ApplyOnceAsync(int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, DeadLetterReason? poison, CancellationToken cancellationToken)
    {
        var started = tools.Time.GetTimestamp();
        var run = new PartitionRun(engine, decoder, _givenUp.GetOrAdd(partition, NewGivenUp), partition, indexes, events);
        var outcome = await run.CommitAsync(poison, cancellationToken);
        if (outcome.Commit == BatchCommit.Fenced)
            tools.Log.Fenced(engine.Stream.Topic, partition);
        if (outcome.Commit == BatchCommit.Applied)
        {
            Record(partition, indexes, events, outcome, run.GivenUp);
            tools.Metrics.Batch(engine.Stream.Topic, indexes.Count, outcome, tools.Time.GetElapsedTime(started));
        }

        return outcome.Commit;
    }

    private GivenUpEvents NewGivenUp(int partition) => new(tools.DeadLetters, tools.Consumer, engine.Stream.Topic, engine.Stream.DeadLetterTopic, tools.Time);

    private void Record(int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, BatchOutcome outcome, IReadOnlyList<(int Index, DeadLetterReason Reason)> givenUp)
    {
        tools.Latency.Record(indexes, events, tools.Time.GetUtcNow().ToUnixTimeMilliseconds());
        Rate.Add(outcome.Applied + outcome.Late);
        if (givenUp.Count == 0)
            return;
        foreach (var (index, reason) in givenUp)
            tools.Quarantine.Add(new QuarantinedEvent(engine.Stream.Topic, partition, events[index].Offset, events[index].IdText, reason.Message, tools.Time.GetUtcNow()));
        tools.Log.Quarantined(engine.Stream.Topic, partition, outcome.Quarantined, givenUp[0].Reason.Message);
        Activity.Current?.SetTag("mesh.quarantined", outcome.Quarantined);
    }
}

/// <summary>What all workers share.</summary>
internal sealed record WorkerTools(TimeProvider Time, LatencyRecorder Latency, QuarantineLog Quarantine, ProcessorMetrics Metrics, IDeadLetterSink DeadLetters, MeshSettings Settings, ILogger<StreamWorker> Log)
{
    /// <summary>Who gives events up, in dead letters.</summary>
    public string Consumer => Settings.AppId ?? "stream-processor";
}
