using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.App;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Hands bulk envelopes to a gRPC app: <c>AppCallback/OnBulkTopicEvent</c>, or where it has none the older <c>OnBulkTopicEventAlpha1</c>.</summary>
internal sealed class GrpcBulkSender(AppGrpc app, AppLimiter limiter, SidecarOptions options, TimeProvider time, ILogger logger) : IBulkSender
{
    private const string EventType = "com.dapr.event.sent.bulk";

    public async Task<DeliveryOutcome> SendAsync(BulkRequest request, Memory<EntryStatus> statuses, CancellationToken cancellationToken)
    {
        statuses.Span.Clear();
        if (Message(request) is not { Entries.Count: > 0 } message)
            return DeliveryOutcome.Success;
        var metadata = app.Headers();
        GrpcMetadata.Add(metadata, [new(MessageMetadata.PubSubName, request.Component.Name)]);
        GrpcMetadata.AddTrace(metadata, request.TraceParent);
        using var timeout = new CancellationTokenSource(options.DeliveryTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var slot = await limiter.EnterAsync(linked.Token);
            var answer = await CallAsync(message, new CallOptions(metadata, cancellationToken: linked.Token));
            foreach (var status in answer.Statuses)
            {
                if (request.Ids.PlaceOf(status.EntryId) is >= 0 and var place && place < statuses.Length)
                    statuses.Span[place] = AppAnswers.EntryStatusOf(status.Status);
            }

            return DeliveryOutcome.Success;
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (timeout.IsCancellationRequested)
                return new DeliveryOutcome(Verdict.Retry, $"OnBulkTopicEvent gave no answer within {options.DeliveryTimeout}", IsUnreachable: true);
            return Failure((RpcException)exception);
        }
    }

    private async Task<TopicEventBulkResponse> CallAsync(TopicEventBulkRequest message, CallOptions call)
    {
        try
        {
            return await app.Calls.CallAsync(AppCallbacks.OnBulkTopicEvent, message, call);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Unimplemented)
        {
            Log.BulkFallsBack(logger, exception.Status.Detail);
            return await app.Calls.CallAsync(AppCallbacks.OnBulkTopicEventAlpha1, message, call);
        }
    }

    private static DeliveryOutcome Failure(RpcException exception) => exception.StatusCode == StatusCode.Unimplemented
        ? new DeliveryOutcome(Verdict.Ignore, $"non-retriable error returned from app while processing bulk pub/sub event: {exception.Status.Detail}")
        : new DeliveryOutcome(
            Verdict.Retry,
            $"error returned from app while processing bulk pub/sub event: {exception.StatusCode}: {exception.Status.Detail}",
            (int)exception.StatusCode,
            IsUnreachable: exception.StatusCode == StatusCode.Unavailable);

    /// <summary>Entries that cannot be written are left out, and so have no status.</summary>
    private static TopicEventBulkRequest Message(BulkRequest request)
    {
        var message = new TopicEventBulkRequest
        {
            Id = Guid.NewGuid().ToString(),
            Topic = request.Definition.Topic,
            PubsubName = request.Definition.PubSub,
            Type = EventType,
            Path = request.Path,
            Metadata = { [MessageMetadata.PubSubName] = request.Component.Name },
        };
        for (var i = 0; i < request.Count; i++)
        {
            if (Entry(request, request.Place(i)) is { } entry)
                message.Entries.Add(entry);
        }

        return message;
    }

    private static TopicEventBulkRequestEntry? Entry(BulkRequest request, int place)
    {
        var message = request.Batch.Messages[place];
        var entry = new TopicEventBulkRequestEntry { EntryId = request.Ids.Text(place) };
        foreach (var (name, value) in MessageMetadata.Of(request.Batch, message, request.Definition.Topic, request.Component))
            entry.Metadata[name] = value;
        if (request.Definition.IsRaw)
        {
            entry.ContentType = "application/octet-stream";
            entry.Bytes = ByteString.CopyFrom(message.Value.Span);
            return entry;
        }

        using var incoming = IncomingEvent.Read(message, request.Definition);
        entry.ContentType = "application/cloudevents+json";
        entry.CloudEvent = GrpcEvents.Entry(incoming, out _);
        return entry.CloudEvent is null ? null : entry;
    }
}
