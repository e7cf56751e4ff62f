using System.Collections.Concurrent;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>
/// Applies the deliveries of several streams to one dataflow. It keeps a position of its own beside that of
/// <see cref="StreamWorker"/>, which has seen the events before: what that gave up is only counted here.
/// </summary>
internal sealed class FlowWorker(FlowEngine engine, IReadOnlyList<FlowDefinition> views, IReadOnlyList<(StreamDefinition Stream, ContractDecoder Decoder)> inputs, WorkerTools tools)
{
    private readonly ConcurrentDictionary<(int Input, int Partition), GivenUpEvents> _givenUp = new();

    // What only this dataflow gave up must not come again to the others, who have had it.
    private readonly string _consumer = $"{tools.Consumer}:{engine.Plan.Name}";

    public FlowEngine Engine => engine;

    public IReadOnlyList<FlowDefinition> Views => views;

    /// <summary>The number of a stream among the dataflow's inputs, or -1.</summary>
    public int InputOf(StreamDefinition stream) => engine.Plan.Sources.ToList().FindIndex(source => source.Topic == stream.Topic);

    /// <summary>Applies the events of one partition. False where they are to be delivered again.</summary>
    public async Task<bool> ApplyAsync(int input, int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyPartsAsync(input, partition, indexes, events, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            tools.Log.BatchFailed(inputs[input].Stream.Topic, partition, exception);
            tools.Metrics.Failed(inputs[input].Stream.Topic);
            return false;
        }
    }

    /// <summary>As in <see cref="StreamWorker"/>: halves where a batch is too large, and to find the event that always fails.</summary>
    private async Task<bool> ApplyPartsAsync(int input, int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        BatchCommit commit;
        try
        {
            commit = await ApplyOnceAsync(input, partition, indexes, events, null, cancellationToken);
        }
        catch (Exception exception) when (Failures.IsDeterministic(exception))
        {
            if (indexes.Count == 1)
            {
                tools.Log.EventFailed(inputs[input].Stream.Topic, partition, events[indexes[0]].Offset, exception);
                commit = await ApplyOnceAsync(input, partition, indexes, events, PartitionRun.Failing(exception), cancellationToken);
            }
            else
            {
                commit = BatchCommit.TooLarge;
            }
        }

        if (commit == BatchCommit.Fenced)
            tools.Log.Fenced(inputs[input].Stream.Topic, partition);
        if (commit != BatchCommit.TooLarge)
            return commit != BatchCommit.Fenced;
        var half = indexes.Count / 2;
        return await ApplyPartsAsync(input, partition, [.. indexes.Take(half)], events, cancellationToken)
            && await ApplyPartsAsync(input, partition, [.. indexes.Skip(half)], events, cancellationToken);
    }

    private async Task<BatchCommit> ApplyOnceAsync(int input, int partition, IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, DeadLetterReason? poison, CancellationToken cancellationToken)
    {
        var (stream, decoder) = inputs[input];
        foreach (var index in indexes)
        {
            if (ConfluentFrame.TryRead(events[index].Payload.Span, out var id, out _) && !decoder.IsPrepared(id))
                await decoder.PrepareAsync(id, cancellationToken);
        }

        await using var batch = await engine.BeginAsync(input, partition, cancellationToken);
        foreach (var index in indexes)
        {
            var item = events[index];
            if (batch.Admit(item.Offset, item.Source.Span, item.Sequence) != Admission.Accept)
                continue;
            if (Redrive.Of(item) is { IsOne: true } redrive && !redrive.IsFor(_consumer) && !redrive.IsFor(tools.Consumer))
            {
                batch.Skip();
                continue;
            }

            if (poison is null && decoder.TryDecode(item.Payload.Span, batch.Rows, out _))
                batch.AddRow(item.Offset);
            else
                batch.Quarantine();
        }

        if (poison is not { } reason)
            return (await batch.CommitAsync(null, cancellationToken)).Commit;
        var givenUp = _givenUp.GetOrAdd((input, partition), _ => new GivenUpEvents(tools.DeadLetters, _consumer, stream.Topic, stream.DeadLetterTopic, tools.Time));
        givenUp.Clear();
        givenUp.Add(events[indexes[0]], reason);
        var outcome = await batch.CommitAsync(givenUp.SendAsync, cancellationToken);
        if (outcome.Commit == BatchCommit.Applied)
            givenUp.Stored();
        return outcome.Commit;
    }
}
