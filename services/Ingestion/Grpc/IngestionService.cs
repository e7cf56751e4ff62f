using System.Diagnostics;
using Grpc.Core;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Tenants;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>The gRPC door: see <c>Protos/ingestion.proto</c>.</summary>
internal sealed class IngestionService(StreamCatalog catalog, PayloadForms forms, StructuredEvents events, Senders senders, BatchSink sink, MemoryBudget memory, TenantDirectory tenants, ActivitySource activities, IngestionOptions options, TimeProvider time) : V1.Ingestion.IngestionBase
{
    private const int MaxSourceLength = 200;

    /// <summary>What a call takes before it has a batch.</summary>
    private const int CallBytes = 32 * 1024;

    private static readonly EventOrigin Anonymous = new("/grpc", "grpc", null, Sequenced: false);

    public override async Task Publish(IAsyncStreamReader<V1.PublishRequest> requestStream, IServerStreamWriter<V1.PublishReply> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken))
            throw CallFaults.Invalid("call: found no request; expected one with 'open'");
        var first = requestStream.Current;
        if (first.Open is not { } open)
            throw CallFaults.Invalid("first request: found no 'open'; expected the stream to publish to");
        var (stream, form) = Find(open.Stream, open.ContentType);
        using var share = Admit(context);
        using var activity = Start(stream, context);
        using var sender = open.Source.Length == 0 ? null : await OpenSenderAsync(stream, open.Source, context.CancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, sender?.Taken ?? default);
        var origin = sender is null ? Anonymous : new EventOrigin($"/grpc/{open.Source}", $"grpc/{open.Source}", $"/grpc/{open.Source}#", Sequenced: true);
        if (open.ContentType.Length > 0)
            origin = origin with { ContentType = open.ContentType };
        try
        {
            await responseStream.WriteAsync(new V1.PublishReply
            {
                Opened = new V1.Opened { LastSequence = sender?.LastSequence ?? -1, WindowEvents = 2 * options.RequestBatchRows, WindowBytes = 2L * options.BatchBytes },
            }, ended.Token);
            await new PublishCall(stream, form, StructuredEvents.IsOne(open.ContentType) ? events : null, origin, sender, share, sink, options, time, activity?.Id ?? TraceParentOf(context)).RunAsync(requestStream, responseStream, first, ended.Token);
        }
        catch (Exception e) when (sender?.Taken.IsCancellationRequested == true && e is OperationCanceledException or IOException or InvalidOperationException)
        {
            throw new RpcException(new Status(StatusCode.Aborted, $"source '{open.Source}': a later call has this name"));
        }
    }

    public override async Task<V1.PublishBatchReply> PublishBatch(V1.PublishBatchRequest request, ServerCallContext context)
    {
        var (stream, form) = Find(request.Stream, request.ContentType);
        using var share = Admit(context);
        if (request.Events.Count == 0)
            throw CallFaults.Invalid("call: found no events; expected at least one");
        using var activity = Start(stream, context);
        var batch = stream.Rent();
        try
        {
            batch.Begin(request.ContentType.Length > 0 ? Anonymous with { ContentType = request.ContentType } : Anonymous, time.GetUtcNow(), activity?.Id ?? TraceParentOf(context));
            await FillAsync(batch, stream, request, form, context.CancellationToken);
            batch.Seal();
            await sink.StoreAsync(stream, batch, share, null, -1);
            var reply = new V1.PublishBatchReply { Accepted = batch.Events.Count, Rejected = batch.DeadLetters.Count };
            foreach (var row in batch.Rejected)
                reply.Rejections.Add(Rejections.Of(row, row.Position, sequenced: false));
            return reply;
        }
        finally
        {
            stream.Return(batch);
        }
    }

    private async Task FillAsync(EventBatch batch, StreamRuntime stream, V1.PublishBatchRequest request, IPayloadForm? form, CancellationToken cancellationToken)
    {
        var isCloudEvent = StructuredEvents.IsOne(request.ContentType);
        for (var i = 0; i < request.Events.Count; i++)
        {
            var item = request.Events[i];
            if (item.HasSequence)
                throw CallFaults.Invalid($"event {i}: found a sequence; expected none. Sequences belong to a source, which the streamed call has.");
            var id = item.Id.Length > 0 ? item.Id : null;
            if (isCloudEvent)
            {
                if (events.Add(stream.Spec, batch, new InputRecord(item.Payload.Span), i) is { } waiting)
                {
                    await PrepareAsync(waiting.Form, waiting.Data, request.Stream, i, cancellationToken);
                    batch.Add(waiting.Attributes, waiting.Form, new InputRecord(waiting.Data.Span), i);
                }
            }
            else if (form is null)
            {
                batch.AddJson(new InputRecord(item.Payload.Span), i, id);
            }
            else
            {
                await PrepareAsync(form, item.Payload.Memory, request.Stream, i, cancellationToken);
                batch.Add(form, new InputRecord(item.Payload.Span), i, id);
            }
        }
    }

    private async ValueTask PrepareAsync(IPayloadForm form, ReadOnlyMemory<byte> payload, string topic, int index, CancellationToken cancellationToken)
    {
        try
        {
            await form.PrepareAsync(payload, cancellationToken);
        }
        catch (ContractException e)
        {
            throw CallFaults.Unavailable($"stream '{topic}' can't take event {index} yet: {e.Message}", options.RetryAfter);
        }
    }

    private (StreamRuntime Stream, IPayloadForm? Form) Find(string topic, string contentType)
    {
        if (catalog.Find(topic) is not { } stream)
            throw new RpcException(new Status(StatusCode.NotFound, $"stream: found '{topic}'; expected one of {string.Join(", ", catalog.Streams.Select(known => known.Spec.Topic))}"));
        if (stream.Problem is { } problem)
            throw CallFaults.Unavailable($"stream '{topic}' takes no events yet: {problem}", options.RetryAfter);
        IPayloadForm? form = null;
        if (contentType.Length > 0 && !forms.TryFind(stream.Spec, contentType, out form, out var error))
            throw CallFaults.Invalid($"content_type: {error}");
        return (stream, form);
    }

    private async Task<Sender> OpenSenderAsync(StreamRuntime stream, string source, CancellationToken cancellationToken)
    {
        if (source.Length > MaxSourceLength || !source.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '~' or ':' or '/' or '-'))
            throw CallFaults.Invalid($"source: found '{DeadLetterWriter.Clip(source)}'; expected letters, digits and . _ ~ : / -, at most {MaxSourceLength}");
        try
        {
            return await senders.OpenAsync(stream, source, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw CallFaults.Unavailable($"source '{source}': what its earlier call published is not recorded yet", options.RetryAfter);
        }
        catch (Exception e) when (e is Dapr.DaprException or RpcException)
        {
            throw CallFaults.Unavailable($"source '{source}': the state store did not say how far it is: {e.InnerException?.Message ?? e.Message}", options.RetryAfter);
        }
    }

    /// <summary>The call's share of what requests may hold, and its tenant's of the log.</summary>
    private CallShare Admit(ServerCallContext context) => memory.TryOpen(CallBytes) is { } lease
        ? new CallShare(lease, tenants.Of(context.RequestHeaders.GetValue(options.TenantHeader.ToLowerInvariant())))
        : throw CallFaults.NotStored(PublishStatus.Overloaded, $"the requests that are being read hold {memory.Held} of {memory.Limit} bytes", options.RetryAfter);

    private Activity? Start(StreamRuntime stream, ServerCallContext context)
    {
        _ = ActivityContext.TryParse(TraceParentOf(context), null, isRemote: true, out var parent);
        var activity = activities.StartActivity($"ingest {stream.Spec.Topic}", ActivityKind.Producer, parent);
        activity?.SetTag("messaging.destination.name", stream.Spec.Topic);
        return activity;
    }

    private static string? TraceParentOf(ServerCallContext context) =>
        context.RequestHeaders.GetValue("traceparent") is { Length: > 0 } header && ActivityContext.TryParse(header, null, out _) ? header : null;
}
