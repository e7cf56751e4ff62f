using Grpc.Core;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>
/// One streamed call at work: while a batch is being stored the next one is filled, and when that is full the call is
/// not read on, so that its sender feels it. With nothing to wait for an event is stored at once.
/// </summary>
internal sealed class PublishCall(StreamRuntime stream, IPayloadForm? form, StructuredEvents? cloudEvents, EventOrigin origin, Sender? sender, CallShare share, BatchSink sink, IngestionOptions options, TimeProvider time, string? traceParent)
{
    private CallBatch? _filling;
    private Google.Protobuf.Collections.RepeatedField<V1.Event> _events = [];
    private int _next;
    private long _position;
    private long _sequence = -1;

    public async Task RunAsync(IAsyncStreamReader<V1.PublishRequest> requests, IServerStreamWriter<V1.PublishReply> replies, V1.PublishRequest first, CancellationToken cancellationToken)
    {
        _events = first.Events;
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = requests.MoveNext(leaving.Token);
        Task? publishing = null;
        var ended = false;
        try
        {
            while (true)
            {
                await FillAsync(cancellationToken);
                if (publishing is { IsCompleted: true })
                {
                    await publishing;
                    publishing = null;
                }

                if (publishing is null && _filling is { IsEmpty: false } batch && (IsFull || ended || !reading.IsCompleted))
                {
                    _filling = null;
                    publishing = SettleAsync(batch, replies, cancellationToken);
                    continue;
                }

                if (publishing is not null && (IsFull || ended))
                {
                    await publishing;
                    publishing = null;
                    continue;
                }

                if (ended)
                    return;
                if (publishing is not null && await Task.WhenAny(reading, publishing) == publishing)
                    continue;
                ended = !await reading;
                if (ended)
                    continue;
                Take(requests.Current);
                reading = requests.MoveNext(leaving.Token);
            }
        }
        finally
        {
            // The server uses what a call reads from again, for the next call of the connection: nobody may be reading from it then.
            await leaving.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What is on its way is stored and counted whether its sender still listens or not.
            if (publishing is not null)
                await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_filling is { } rest)
                stream.Return(rest.Events);
        }
    }

    private bool IsFull => _filling is { } batch && (batch.Events.Count + batch.Skipped >= options.RequestBatchRows || batch.InputBytes >= options.BatchBytes);

    private void Take(V1.PublishRequest request)
    {
        if (request.Open is not null)
            throw CallFaults.Invalid($"request with event {_position}: found 'open' again; expected it in the first request alone");
        _events = request.Events;
        _next = 0;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        while (_next < _events.Count && !IsFull)
        {
            await AddAsync(_events[_next++], cancellationToken);
            _position++;
        }
    }

    private async ValueTask AddAsync(V1.Event item, CancellationToken cancellationToken)
    {
        var batch = _filling ??= Begin();
        var place = sender is null ? _position : Sequence(item);
        batch.Position = _position + 1;
        if (sender is not null)
        {
            if (place <= sender.LastSequence)
            {
                batch.Skipped++;
                batch.LastSequence = Math.Max(batch.LastSequence, sender.LastSequence);
                return;
            }

            batch.LastSequence = place;
        }
        else if (item.HasSequence)
        {
            throw CallFaults.Invalid($"event {_position}: found a sequence; expected none, since the call has no source. Give 'open' a source.");
        }

        if (form is not null && !form.IsPrepared(item.Payload.Span))
            await PrepareAsync(form, item.Payload.Memory, cancellationToken);
        var id = sender is null && item.Id.Length > 0 ? item.Id : null;
        if (cloudEvents is not null)
            await AddCloudEventAsync(cloudEvents, batch, item, place, cancellationToken);
        else if (form is null)
            batch.Events.AddJson(new InputRecord(item.Payload.Span), place, id);
        else
            batch.Events.Add(form, new InputRecord(item.Payload.Span), place, id);
        batch.Added(_position, item.Payload.Length);
    }

    private async ValueTask AddCloudEventAsync(StructuredEvents cloudEvents, CallBatch batch, V1.Event item, long place, CancellationToken cancellationToken)
    {
        if (cloudEvents.Add(stream.Spec, batch.Events, new InputRecord(item.Payload.Span), place) is not { } waiting)
            return;
        await PrepareAsync(waiting.Form, waiting.Data, cancellationToken);
        batch.Events.Add(waiting.Attributes, waiting.Form, new InputRecord(waiting.Data.Span), place);
    }

    private async ValueTask PrepareAsync(IPayloadForm needed, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            await needed.PrepareAsync(payload, cancellationToken);
        }
        catch (ContractException e)
        {
            throw CallFaults.Unavailable($"stream '{stream.Spec.Topic}' can't take event {_position} yet: {e.Message}", options.RetryAfter);
        }
    }

    private long Sequence(V1.Event item)
    {
        if (!item.HasSequence || item.Sequence < 0)
            throw CallFaults.Invalid($"event {_position}: found {(item.HasSequence ? $"sequence {item.Sequence}" : "no sequence")}; expected one of 0 or more, since the call has a source");
        if (item.Sequence <= _sequence)
            throw CallFaults.Invalid($"event {_position}: found sequence {item.Sequence} after {_sequence}; expected a higher one");
        return _sequence = item.Sequence;
    }

    private CallBatch Begin()
    {
        var events = stream.Rent();
        events.Begin(origin, time.GetUtcNow(), traceParent);
        return new CallBatch(events);
    }

    /// <summary>Stores a batch and says so. Throws where it is not stored.</summary>
    private async Task SettleAsync(CallBatch batch, IServerStreamWriter<V1.PublishReply> replies, CancellationToken cancellationToken)
    {
        try
        {
            batch.Events.Seal();
            if (batch.Events.Count > 0)
                await sink.StoreAsync(stream, batch.Events, share, sender, batch.LastSequence);
            await replies.WriteAsync(new V1.PublishReply { Acknowledged = batch.Acknowledge(sender is not null) }, cancellationToken);
        }
        finally
        {
            share.Return();
            stream.Return(batch.Events);
        }
    }
}
