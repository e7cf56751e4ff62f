using System.Globalization;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.OpenDoor;

/// <summary>
/// Takes what Dapr apps published to <c>ingest.{pipeline}.{stream}</c>. The offset of the open topic is the sequence number
/// on the stream, and the last handled offset is stored with the counters: an event that is delivered again is either
/// skipped here or dropped by the consumers.
/// </summary>
internal sealed class OpenDoorHandler(StreamRuntime stream, PayloadForms forms, EventSink sink, IngestionMetrics metrics, TimeProvider time, ILogger logger) : IDisposable
{
    // Deliveries of one partition come one at a time, but a delivery may be repeated while its first copy still runs.
    private readonly SemaphoreSlim _gate = new(1);

    public async Task<IReadOnlyList<DeliveryStatus>> HandleAsync(BulkDelivery delivery, CancellationToken cancellationToken)
    {
        var statuses = new DeliveryStatus[delivery.Events.Count];
        if (stream.Problem is { } problem)
        {
            Log.OpenDoorRetry(logger, stream.Spec.Definition.IngestTopic, statuses.Length, problem);
            Array.Fill(statuses, DeliveryStatus.Retry);
            return statuses;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            for (var start = 0; start < statuses.Length;)
            {
                var end = start + 1;
                while (end < statuses.Length && delivery.Events[end].Partition == delivery.Events[start].Partition)
                    end++;
                if (!await HandlePartitionAsync(delivery, start, end, cancellationToken))
                    Array.Fill(statuses, DeliveryStatus.Retry, start, end - start);
                start = end;
            }
        }
        finally
        {
            _gate.Release();
        }

        return statuses;
    }

    public void Dispose() => _gate.Dispose();

    private async Task<bool> HandlePartitionAsync(BulkDelivery delivery, int start, int end, CancellationToken cancellationToken)
    {
        var topic = stream.Spec.Definition.IngestTopic;
        var partition = delivery.Events[start].Partition;
        var last = stream.Ledger.LastOffset(partition);
        var sequenced = delivery.Events[start].Offset >= 0;
        var source = string.Create(CultureInfo.InvariantCulture, $"/{topic}/{partition}");
        var batch = stream.Rent();
        batch.Begin(new EventOrigin(source, topic, sequenced ? $"{source}#" : null, sequenced) { Topic = topic }, time.GetUtcNow(), TraceOf(delivery, start));
        for (var i = start; i < end; i++)
        {
            var item = delivery.Events[i];
            if (sequenced && item.Offset <= last)
                continue;
            (ReadOnlyMemory<byte> data, string? contentType, string? id) = CloudEventReader.TryRead(item.Payload.Span, out var parts)
                ? ((ReadOnlyMemory<byte>)parts.Data, parts.ContentType, parts.Id)
                : (item.Payload, item.Header("content-type"u8), (string?)null);
            PayloadForm form;
            try
            {
                form = await forms.PrepareAsync(stream.Spec, contentType, data, cancellationToken);
            }
            catch (ContractException e)
            {
                // The registry does not answer: nothing is wrong with the event.
                Log.OpenDoorRetry(logger, topic, end - start, e.Message);
                stream.Return(batch);
                return false;
            }

            if (form.Form is null)
                batch.AddJson(new InputRecord(data.Span), item, id);
            else
                batch.Add(form.Form, new InputRecord(data.Span), item, id, form.ContentType);
        }

        batch.Seal();
        if (batch.Count == 0)
        {
            // All of it was handled before, but perhaps its count never became durable: it must be before this is said.
            stream.Return(batch);
            await stream.Ledger.AddAsync(0, 0, 0);
            return true;
        }

        var error = await PublishAsync(batch, cancellationToken);
        if (error is not null)
        {
            Log.OpenDoorRetry(logger, topic, batch.Count, error);
            stream.Return(batch);
            return false;
        }

        await stream.Ledger.AddAsync(batch.Events.Count, batch.DeadLetters.Count, 0, partition, delivery.Events[end - 1].Offset);
        metrics.Stored(stream.Spec.Topic, batch, batch.Events.Count, batch.DeadLetters.Count);
        stream.Return(batch);
        return true;
    }

    /// <summary>Publishes both kinds; returns what went wrong, or null. The whole batch is repeated then: consumers drop what they have.</summary>
    private async Task<string?> PublishAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var topic = stream.Spec.Topic;
        var deadLetters = stream.Spec.Definition.DeadLetterTopic;
        var stored = await sink.PublishAsync(topic, batch.Envelope(topic, ContentTypes.Avro), batch.Events, cancellationToken);
        if (stored.Status != PublishStatus.Stored)
            return stored.Error;
        var dead = await sink.PublishAsync(deadLetters, batch.Envelope(deadLetters, ContentTypes.Json), batch.DeadLetters, cancellationToken);
        return dead.Status == PublishStatus.Stored ? null : dead.Error;
    }

    /// <summary>The batch's events share the first one's trace, where the sidecar's delivery opened none of its own.</summary>
    private static string? TraceOf(BulkDelivery delivery, int index) =>
        System.Diagnostics.Activity.Current?.Id
        ?? (CloudEventReader.TryRead(delivery.Events[index].Payload.Span, out var parts) ? parts.TraceParent : null);
}
