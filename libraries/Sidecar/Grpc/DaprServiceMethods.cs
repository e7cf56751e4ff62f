using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Grpc;

/// <summary>
/// Binds <see cref="DaprService"/> to Dapr's gRPC service by hand: the official package holds messages and clients, no
/// server base class. Bulk publish is read straight from the wire.
/// </summary>
internal sealed class DaprServiceMethods : IServiceMethodProvider<DaprService>
{
    public const string ServiceName = "dapr.proto.runtime.v1.Dapr";

    private static readonly Marshaller<BulkPublishFrame> Frames = Marshallers.Create(
        (_, _) => throw new NotSupportedException("a bulk publish frame is only read"),
        context => BulkPublishFrame.Read(context.PayloadAsReadOnlySequence()));

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        Add(context, "PublishEvent", Of(PublishEventRequest.Parser), Of(Empty.Parser), (service, request, call) => service.PublishEvent(request, call));
        Add(context, "BulkPublishEvent", Frames, Of(BulkPublishResponse.Parser), (service, request, call) => service.BulkPublishEvent(request, call));
        Add(context, "BulkPublishEventAlpha1", Frames, Of(BulkPublishResponse.Parser), (service, request, call) => service.BulkPublishEvent(request, call));
        Add(context, "GetState", Of(GetStateRequest.Parser), Of(GetStateResponse.Parser), (service, request, call) => service.GetState(request, call));
        Add(context, "GetBulkState", Of(GetBulkStateRequest.Parser), Of(GetBulkStateResponse.Parser), (service, request, call) => service.GetBulkState(request, call));
        Add(context, "SaveState", Of(SaveStateRequest.Parser), Of(Empty.Parser), (service, request, call) => service.SaveState(request, call));
        Add(context, "DeleteState", Of(DeleteStateRequest.Parser), Of(Empty.Parser), (service, request, call) => service.DeleteState(request, call));
        Add(context, "DeleteBulkState", Of(DeleteBulkStateRequest.Parser), Of(Empty.Parser), (service, request, call) => service.DeleteBulkState(request, call));
        Add(context, "ExecuteStateTransaction", Of(ExecuteStateTransactionRequest.Parser), Of(Empty.Parser), (service, request, call) => service.ExecuteStateTransaction(request, call));
        Add(context, "GetMetadata", Of(GetMetadataRequest.Parser), Of(GetMetadataResponse.Parser), (service, request, call) => service.GetMetadata(request, call));
        Add(context, "SetMetadata", Of(SetMetadataRequest.Parser), Of(Empty.Parser), (service, request, call) => service.SetMetadata(request, call));
        Add(context, "Shutdown", Of(ShutdownRequest.Parser), Of(Empty.Parser), (service, request, call) => service.Shutdown(request, call));
    }

    private static void Add<TRequest, TResponse>(
        ServiceMethodProviderContext<DaprService> context,
        string name,
        Marshaller<TRequest> requests,
        Marshaller<TResponse> responses,
        Func<DaprService, TRequest, ServerCallContext, Task<TResponse>> handler)
        where TRequest : class
        where TResponse : class =>
        context.AddUnaryMethod(
            new Method<TRequest, TResponse>(MethodType.Unary, ServiceName, name, requests, responses),
            [],
            async (service, request, call) =>
            {
                try
                {
                    return await handler(service, request, call);
                }
                catch (ApiException exception)
                {
                    throw exception.Error.ToRpcException();
                }
            });

    private static Marshaller<T> Of<T>(MessageParser<T> parser)
        where T : class, IMessage<T> =>
        Marshallers.Create(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
