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
        context => BulkPublishFrame.Read(context.PayloadAsReadOnlySequence()));

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        context.Unary("PublishEvent", PublishEventRequest.Parser, Empty.Parser, PublishEvent);
        context.Unary("BulkPublishEvent", Frames, GrpcBinding.Of(BulkPublishResponse.Parser), BulkPublishEvent);
        context.Unary("BulkPublishEventAlpha1", Frames, GrpcBinding.Of(BulkPublishResponse.Parser), BulkPublishEvent);
    }

    private async Task<Empty> PublishEvent(PublishEventRequest request, ServerCallContext context)
    {
        await publisher.PublishAsync(
            new PublishRequest
            {
                PubSub = request.PubsubName,
                Topic = request.Topic,
                Data = request.Data.Memory,
                ContentType = request.DataContentType,
                Metadata = new Dictionary<string, string>(request.Metadata, StringComparer.Ordinal),
                Trace = Trace(context),
            },
            context.CancellationToken);
        return new Empty();
    }

    private async Task<BulkPublishResponse> BulkPublishEvent(BulkPublishFrame request, ServerCallContext context)
    {
        using (request)
        {
            var response = new BulkPublishResponse();
            try
            {
                foreach (var failed in await publisher.PublishAsync(request, Trace(context), context.CancellationToken))
                    response.FailedEntries.Add(new BulkPublishResponseFailedEntry { EntryId = failed.EntryId, Error = failed.Error });
            }
            catch (InvalidDataException exception)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, exception.Message, exception));
            }

            return response;
        }
    }

    private static RequestTrace Trace(ServerCallContext context) =>
        new(context.RequestHeaders.GetValue("traceparent"), context.RequestHeaders.GetValue("tracestate"));
}
