using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.StreamProcessor;

/// <summary>All streams of the selected pipelines with their workers.</summary>
internal sealed class StreamSet(IReadOnlyList<StreamWorker> workers, IReadOnlyList<FlowWorker> flows) : IDisposable
{
    public IReadOnlyList<StreamWorker> Workers { get; } = workers;

    /// <summary>Views over sliding windows, sessions and joins; those with streams in common together.</summary>
    public IReadOnlyList<FlowWorker> Flows { get; } = flows;

    /// <summary>Applies a delivery of a stream to all that reads it, and answers for each event.</summary>
    public async Task<IReadOnlyList<DeliveryStatus>> HandleAsync(StreamWorker worker, BulkDelivery delivery, CancellationToken cancellationToken)
    {
        var statuses = await worker.HandleAsync(delivery, cancellationToken);
        foreach (var flow in Flows)
        {
            var input = flow.InputOf(worker.Engine.Stream);
            if (input < 0)
                continue;
            // What is delivered again is skipped by those that have applied it: each keeps its own position.
            var answers = statuses.ToArray();
            foreach (var (partition, indexes) in StreamWorker.ByPartition(delivery.Events))
            {
                if (!await flow.ApplyAsync(input, partition, indexes, delivery.Events, cancellationToken))
                    StreamWorker.Mark(answers, indexes);
            }

            statuses = answers;
        }

        return statuses;
    }

    public (FlowWorker Worker, FlowDefinition View)? FindFlow(string pipeline, string view)
    {
        foreach (var worker in Flows)
        {
            if (worker.Views.FirstOrDefault(definition => definition.Pipeline == pipeline && definition.Name == view) is { } found)
                return (worker, found);
        }

        return null;
    }

    public (StreamWorker Worker, ViewDefinition View)? Find(string pipeline, string view)
    {
        foreach (var worker in Workers)
        {
            foreach (var definition in worker.Engine.Views)
            {
                if (definition.Pipeline == pipeline && definition.Name == view)
                    return (worker, definition);
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var worker in Workers)
            worker.Engine.Dispose();
        foreach (var flow in Flows)
            flow.Engine.Dispose();
    }
}
