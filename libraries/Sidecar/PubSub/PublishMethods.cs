using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Publishing over gRPC. Bulk publish is read straight from the wire.</summary>
internal sealed class PublishMethods(Publisher publisher) : IServiceMethodProvider<DaprService>
{
    private static readonly Marshaller<BulkPublishFrame> Frames = Marshallers.Create(
        (_, _) => throw new NotSupportedException("a bulk publish frame is only read"),
        ReadFrame);

    private static readonly Empty Nothing = new();

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        context.Unary("PublishEvent", PublishEventRequest.Parser, Empty.Parser, PublishEvent);
        context.Unary("BulkPublishEvent", Frames, GrpcBinding.Of(BulkPublishResponse.Parser), BulkPublishEvent);
        context.Unary("BulkPublishEventAlpha1", Frames, GrpcBinding.Of(BulkPublishResponse.Parser), BulkPublishEvent);
    }

    private async Task<Empty> PublishEvent(PublishEventRequest request, ServerCallContext context)
    {
        var metadata = request.Metadata.Count > 0 ? new Dictionary<string, string>(request.Metadata, StringComparer.Ordinal) : null;
        var component = publisher.Resolve(request.PubsubName, request.Topic, metadata, isHttp: false);
        await publisher.PublishAsync(
            component,
            new PublishRequest
            {
                Topic = request.Topic,
                Data = request.Data.Memory,
                ContentType = request.DataContentType,
                Metadata = metadata,
                Trace = Trace(context),
            },
            context.CancellationToken);
        return Nothing;
    }

    private async Task<BulkPublishResponse> BulkPublishEvent(BulkPublishFrame request, ServerCallContext context)
    {
        using (request)
        {
            try
            {
                var outcome = await publisher.PublishAsync(request, Trace(context), context.CancellationToken);
                // As daprd: a response exists only where every entry was published.
                if (outcome.Cause is null)
                    return new BulkPublishResponse();
                throw BrokerGate.Failure(request.PubSub, request.Topic, outcome.Cause, isPartial: outcome.Failed.Count < request.Entries.Count);
            }
            catch (InvalidDataException exception)
            {
                throw GrpcBinding.Unreadable(exception);
            }
        }
    }

    private static BulkPublishFrame ReadFrame(DeserializationContext context)
    {
        try
        {
            return BulkPublishFrame.Read(context.PayloadAsReadOnlySequence());
        }
        catch (InvalidDataException exception)
        {
            throw GrpcBinding.Unreadable(exception);
        }
    }

    private static RequestTrace Trace(ServerCallContext context)
    {
        var headers = context.GetHttpContext().Request.Headers;
        return new RequestTrace(PublishEndpoints.Text(headers.TraceParent), PublishEndpoints.Text(headers.TraceState));
    }
}
