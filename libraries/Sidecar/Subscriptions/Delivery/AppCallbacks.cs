using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>The methods of a gRPC app that have to do with topics: the official package holds their messages, no client.</summary>
internal static class AppCallbacks
{
    private const string Service = "dapr.proto.runtime.v1.AppCallback";
    private const string Alpha = "dapr.proto.runtime.v1.AppCallbackAlpha";

    public static readonly Method<Empty, ListTopicSubscriptionsResponse> ListTopicSubscriptions =
        Unary(Service, "ListTopicSubscriptions", Empty.Parser, ListTopicSubscriptionsResponse.Parser);

    public static readonly Method<TopicEventRequest, TopicEventResponse> OnTopicEvent =
        Unary(Service, "OnTopicEvent", TopicEventRequest.Parser, TopicEventResponse.Parser);

    public static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEvent =
        Unary(Service, "OnBulkTopicEvent", TopicEventBulkRequest.Parser, TopicEventBulkResponse.Parser);

    /// <summary>Of apps that have nothing newer.</summary>
    public static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEventAlpha1 =
        Unary(Alpha, "OnBulkTopicEventAlpha1", TopicEventBulkRequest.Parser, TopicEventBulkResponse.Parser);

    public static async Task<TResponse> CallAsync<TRequest, TResponse>(this CallInvoker app, Method<TRequest, TResponse> method, TRequest request, CallOptions options)
        where TRequest : class
        where TResponse : class
    {
        using var call = app.AsyncUnaryCall(method, null, options, request);
        return await call.ResponseAsync;
    }

    private static Method<TRequest, TResponse> Unary<TRequest, TResponse>(string service, string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        new(MethodType.Unary, service, name, GrpcBinding.Of(requests), GrpcBinding.Of(responses));
}
