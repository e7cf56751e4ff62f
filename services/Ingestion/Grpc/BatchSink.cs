using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>Stores the batches of calls: through the stream's queue, or those of a named sender in its own order.</summary>
internal sealed class BatchSink(EventSink sink, IngestionMetrics metrics, IngestionOptions options, TimeProvider time)
{
    /// <summary>Returns when a sealed batch is stored and counted. Throws what the call ends with where it is not.</summary>
    public async Task StoreAsync(StreamRuntime stream, EventBatch batch, CallShare share, Sender? sender, long lastSequence)
    {
        await share.TakeAsync(batch, options, time);
        try
        {
            if (sender is null)
                await QueueAsync(stream, batch, share.Tenant);
            else
                await PublishAsync(stream, batch, sender, lastSequence);
        }
        catch (TimeoutException)
        {
            throw CallFaults.Unavailable("the state store could not record the events, so they are not acknowledged, though they may be stored.", options.RetryAfter);
        }
    }

    private async Task QueueAsync(StreamRuntime stream, EventBatch batch, Tenant tenant)
    {
        if (await stream.Publisher.PublishAsync(batch, tenant, counted: true, CancellationToken.None) is not { } publish)
        {
            metrics.Refused(stream.Spec.Topic, 429);
            throw CallFaults.NotStored(PublishStatus.Overloaded, "the publish queue is full", options.RetryAfter);
        }

        var outcome = await publish;
        if (outcome.Status != PublishStatus.Stored)
            throw CallFaults.NotStored(outcome.Status, outcome.Error, options.RetryAfter);
    }

    /// <summary>A batch of which any event is not stored is sent again whole: consumers drop the sequences they have passed.</summary>
    private async Task PublishAsync(StreamRuntime stream, EventBatch batch, Sender sender, long lastSequence)
    {
        var topic = stream.Spec.Topic;
        var deadLetters = stream.Spec.Definition.DeadLetterTopic;
        var attempt = await sink.PublishAsync(topic, batch.Envelope(topic, ContentTypes.Avro), batch.Events, CancellationToken.None);
        if (attempt.Status == PublishStatus.Stored && batch.DeadLetters.Count > 0)
            attempt = await sink.PublishAsync(deadLetters, batch.Envelope(deadLetters, ContentTypes.Json), batch.DeadLetters, CancellationToken.None);
        if (attempt.Status != PublishStatus.Stored)
            throw CallFaults.NotStored(attempt.Status, attempt.Error, options.RetryAfter);
        await sender.CountAsync(stream.Ledger, batch.Events.Count, batch.DeadLetters.Count, lastSequence, options.SenderLifetime).WaitAsync(options.LedgerTimeout, time);
        metrics.Stored(topic, batch, batch.Events.Count, batch.DeadLetters.Count);
    }
}
