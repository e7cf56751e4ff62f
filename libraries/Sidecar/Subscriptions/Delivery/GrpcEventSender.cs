using Grpc.Core;
using RealTimeMesh.Sidecar.App;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Hands CloudEvents to a gRPC app: <c>AppCallback/OnTopicEvent</c>.</summary>
internal sealed class GrpcEventSender(AppGrpc app, AppLimiter limiter, SidecarOptions options, TimeProvider time) : IEventSender
{
    public async Task<DeliveryOutcome> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        if (GrpcEvents.Single(outgoing.Event, outgoing.Definition, outgoing.Path, out var cause) is not { } request)
            return new DeliveryOutcome(Verdict.Retry, $"error returned from app while processing pub/sub event: {cause}");
        var metadata = app.Headers();
        GrpcMetadata.Add(metadata, outgoing.Headers);
        GrpcMetadata.AddTrace(metadata, outgoing.TraceParent);
        using var timeout = new CancellationTokenSource(options.DeliveryTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var slot = await limiter.EnterAsync(linked.Token);
            var answer = await app.Calls.CallAsync(AppCallbacks.OnTopicEvent, request, new CallOptions(metadata, cancellationToken: linked.Token));
            return AppAnswers.Outcome(answer.Status, outgoing.Event.Id);
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (timeout.IsCancellationRequested)
                return new DeliveryOutcome(Verdict.Retry, $"OnTopicEvent gave no answer within {options.DeliveryTimeout}", IsUnreachable: true);
            return AppAnswers.Failure((RpcException)exception, outgoing.Event.Id);
        }
    }
}
