using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Grpc;

/// <summary>
/// Binds methods to Dapr's gRPC service by hand: the official package holds messages and clients, no server base class.
/// Each building block brings its own <see cref="IServiceMethodProvider{TService}"/> of <see cref="DaprService"/>.
/// </summary>
internal static class GrpcBinding
{
    public const string ServiceName = "dapr.proto.runtime.v1.Dapr";

    public static void Unary<TRequest, TResponse>(
        this ServiceMethodProviderContext<DaprService> context,
        string name,
        MessageParser<TRequest> requests,
        MessageParser<TResponse> responses,
        Func<TRequest, ServerCallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        context.Unary(name, Of(requests), Of(responses), handler);

    public static void Unary<TRequest, TResponse>(
        this ServiceMethodProviderContext<DaprService> context,
        string name,
        Marshaller<TRequest> requests,
        Marshaller<TResponse> responses,
        Func<TRequest, ServerCallContext, Task<TResponse>> handler)
        where TRequest : class
        where TResponse : class =>
        context.AddUnaryMethod(
            new Method<TRequest, TResponse>(MethodType.Unary, ServiceName, name, requests, responses),
            [],
            (service, request, call) => service.RunAsync(request, call, handler));

    public static void Duplex<TRequest, TResponse>(
        this ServiceMethodProviderContext<DaprService> context,
        string name,
        MessageParser<TRequest> requests,
        MessageParser<TResponse> responses,
        Func<IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        context.AddDuplexStreamingMethod(
            new Method<TRequest, TResponse>(MethodType.DuplexStreaming, ServiceName, name, Of(requests), Of(responses)),
            [],
            (service, stream, answers, call) => service.RunAsync(call, () => handler(stream, answers, call)));

    public static Marshaller<T> Of<T>(MessageParser<T> parser)
        where T : class, IMessage<T> =>
        Marshallers.Create(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => Read(parser, context));

    /// <summary>What gRPC servers in Go answer to a message that is none.</summary>
    public static RpcException Unreadable(Exception cause) =>
        new(new Status(StatusCode.Internal, "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data", cause));

    private static T Read<T>(MessageParser<T> parser, DeserializationContext context)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(context.PayloadAsReadOnlySequence());
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Unreadable(exception);
        }
    }
}
