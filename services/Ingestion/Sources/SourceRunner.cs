using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Dapr;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>
/// Reads one source to its end, from where its durable record says. Reading and encoding run ahead of publishing by a
/// few batches; publishes go one at a time and in order, because consumers drop what comes after a later sequence
/// number. The record is stored after the publishes it covers, beside the next publish. After a crash the last batches
/// come again with the same ids and sequence numbers, and consumers drop them.
/// </summary>
internal sealed class SourceRunner(SourceStatus status, StreamRuntime stream, SourceOpener opener, EventSink sink, IRecordStore store, ReplayRate rate, ActivitySource activities, IngestionOptions options, IngestionMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int BatchesAhead = 3;

    private SourceRecord _published = new();
    private Task _save = Task.CompletedTask;

    private string Label => $"{status.Stream.Pipeline}/{status.Source.Name}";

    /// <summary>Runs until the source is done. A fault is shown, and tried again, from the last position.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var restored = false;
        for (var delay = options.FirstRetry; ; delay = Backoff.Next(delay, options.LongestRetry))
        {
            var before = _published.Position.Rows;
            try
            {
                if (!restored)
                {
                    var record = await ReadRecordAsync(stopping);
                    // What a folder has got since it was read to its end is not known yet.
                    _published = status.Stored = status.Source.Folder is null || rate.Off ? record : record with { Done = false };
                    restored = true;
                }

                await ReadToEndAsync(stopping);
                return;
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                if (_published.Position.Rows > before)
                    delay = options.FirstRetry;
                status.Error = e.Message;
                Log.SourceFailed(logger, e is RealTimeMeshException ? null : e, Label, e.Message, delay);
                await Task.Delay(delay, time, stopping);
            }
        }
    }

    private async Task<SourceRecord> ReadRecordAsync(CancellationToken stopping)
    {
        var json = await store.ReadAsync(status.Key, stopping);
        return json.IsEmpty ? new SourceRecord() : JsonSerializer.Deserialize(json.Span, RecordJson.Default.SourceRecord) ?? new SourceRecord();
    }

    private async Task ReadToEndAsync(CancellationToken stopping)
    {
        // To open a database's log makes the server keep it: not for a source that is not to be read.
        if (rate.Off && status.Source.Changes is not null)
            return;
        await using var source = await opener.OpenAsync(status, stream.Spec, _published.Position, stopping);
        status.Total = source.Total;
        status.Error = null;
        if ((_published.Done && !source.MayGrow) || rate.Off)
            return;
        _published = _published with { Done = false };
        Log.SourceStarted(logger, Label, _published.Position.Rows);
        var pacer = new ReplayPacer(rate.Speed, options.SourceBatchRows, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var read = Channel.CreateBounded<(EventBatch Batch, SourcePosition Position)>(BatchesAhead);
        var last = _published.Position;
        var reading = Task.Run(() => ReadAheadAsync(source, last, pacer, read.Writer, linked.Token), CancellationToken.None);
        try
        {
            await foreach (var (batch, position) in read.Reader.ReadAllAsync(stopping))
            {
                await pacer.WaitAsync(batch.LatestTime, batch.Count, stopping);
                await PublishAsync(source, batch, position, stopping);
                stream.Return(batch);
            }
        }
        finally
        {
            await linked.CancelAsync();
            await reading;
            await _save;
        }

        _published = _published with { Position = source.Position, Done = true };
        await SaveAsync(source, _published, stopping);
        Log.SourceDone(logger, Label, _published.Position.Rows, _published.Rejected);
    }

    /// <summary>Fills batches until the end; a fault ends the channel with it, after the batches that were sound.</summary>
    private async Task ReadAheadAsync(IRowSource source, SourcePosition last, ReplayPacer pacer, ChannelWriter<(EventBatch, SourcePosition)> output, CancellationToken cancellationToken)
    {
        try
        {
            var origin = new EventOrigin($"/{Label}", status.Source.Name, $"{status.Stream.Pipeline}.{status.Source.Name}#", Sequenced: true) { ContentType = status.Source.Format == "csv" ? ContentTypes.Csv : ContentTypes.Json };
            for (var more = true; more;)
            {
                var batch = stream.Rent();
                batch.Begin(origin, time.GetUtcNow(), traceParent: null);
                more = await source.ReadAsync(batch, pacer.BatchRows, cancellationToken);
                batch.Seal();
                // A source may move on without rows, as a log does that holds other people's changes.
                var position = source.Position;
                if (batch.Count > 0 || position != last)
                    await output.WriteAsync((batch, position), cancellationToken);
                else
                    stream.Return(batch);
                last = position;
            }

            output.Complete();
        }
        catch (Exception e)
        {
            output.Complete(e);
        }
    }

    private async Task PublishAsync(IRowSource source, EventBatch batch, SourcePosition position, CancellationToken stopping)
    {
        var topic = stream.Spec.Topic;
        var deadLetters = stream.Spec.Definition.DeadLetterTopic;
        using var activity = activities.StartActivity($"replay {topic}", ActivityKind.Producer);
        activity?.SetTag("messaging.destination.name", topic);
        activity?.SetTag("messaging.batch.message_count", batch.Count);
        await Task.WhenAll(
            PublishAllAsync(topic, new EventEnvelope(batch.Origin.Source, topic, time.GetUtcNow(), ContentTypes.Avro, activity?.Id), batch.Events, stopping),
            PublishAllAsync(deadLetters, new EventEnvelope(batch.Origin.Source, deadLetters, time.GetUtcNow(), ContentTypes.Json, activity?.Id), batch.DeadLetters, stopping));
        metrics.Stored(topic, batch, batch.Events.Count, batch.DeadLetters.Count);
        _published = _published with
        {
            Position = position,
            Accepted = _published.Accepted + batch.Events.Count,
            Rejected = _published.Rejected + batch.DeadLetters.Count,
        };
        await _save;
        _save = SaveAsync(source, _published, stopping);
    }

    /// <summary>
    /// Publishes all events, whatever it takes: from the first one that is not known to be stored everything is sent again,
    /// in order; consumers drop what they have by its sequence. That is safe because a broker that loses one message of a
    /// partition loses those behind it in the same call as well.
    /// </summary>
    private async Task PublishAllAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken stopping)
    {
        var from = 0;
        for (var delay = options.FirstRetry; from < events.Count; delay = Backoff.Next(delay, options.LongestRetry))
        {
            var rest = from == 0 ? events : new ListSlice<OutgoingEvent>(events, from, events.Count - from);
            var attempt = await sink.PublishAsync(topic, envelope, rest, stopping);
            stopping.ThrowIfCancellationRequested();
            if (attempt.Status == PublishStatus.Stored)
            {
                status.Error = null;
                return;
            }

            from += attempt.StoredCount;
            status.Error = $"topic '{topic}': {attempt.Error}";
            Log.SourcePublishFailed(logger, Label, status.Error, delay);
            await Task.Delay(delay, time, stopping);
        }
    }

    private async Task SaveAsync(IRowSource source, SourceRecord record, CancellationToken stopping)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.SourceRecord);
        for (var delay = options.FirstRetry; ; delay = Backoff.Next(delay, options.LongestRetry))
        {
            try
            {
                await store.WriteAsync(status.Key, json, stopping);
                status.Stored = record;
                break;
            }
            catch (Exception e) when (e is DaprException or RpcException && !stopping.IsCancellationRequested)
            {
                Log.LedgerNotStored(logger, status.Key, e.InnerException?.Message ?? e.Message, delay);
                await Task.Delay(delay, time, stopping);
            }
        }

        await source.SavedAsync(record.Position, stopping);
    }
}
