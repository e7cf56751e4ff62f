using System.Security.Cryptography.X509Certificates;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>A gRPC app: Dapr's AppCallback services with handlers a test sets. One without a handler is UNIMPLEMENTED.</summary>
internal sealed class GrpcTestApp : IAsyncDisposable
{
    private WebApplication? _app;

    public int Port { get; private set; }

    public Func<ServerCallContext, Task<ListTopicSubscriptionsResponse>>? ListTopicSubscriptions { get; set; }

    public Func<TopicEventRequest, ServerCallContext, Task<TopicEventResponse>>? OnTopicEvent { get; set; }

    public Func<TopicEventBulkRequest, ServerCallContext, Task<TopicEventBulkResponse>>? OnBulkTopicEvent { get; set; }

    public Func<TopicEventBulkRequest, ServerCallContext, Task<TopicEventBulkResponse>>? OnBulkTopicEventAlpha1 { get; set; }

    public Func<InvokeRequest, ServerCallContext, Task<InvokeResponse>>? OnInvoke { get; set; }

    public Func<ServerCallContext, Task<HealthCheckResponse>>? HealthCheck { get; set; }

    /// <summary>Starts on a port, or on a free one. With a certificate it speaks TLS.</summary>
    public async Task StartAsync(int port = 0, X509Certificate2? certificate = null)
    {
        _app = await TestHosts.StartGrpcAsync(this, new Methods(), port, certificate);
        Port = new Uri(_app.Urls.First()).Port;
    }

    /// <summary>Ends the server; it may be started again on its port.</summary>
    public async Task StopAsync()
    {
        if (_app is null)
            return;
        await TestHosts.EndAsync(_app);
        _app = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private sealed class Methods : IServiceMethodProvider<GrpcTestApp>
    {
        private const string Callback = "dapr.proto.runtime.v1.AppCallback";
        private const string CallbackAlpha = "dapr.proto.runtime.v1.AppCallbackAlpha";
        private const string Health = "dapr.proto.runtime.v1.AppCallbackHealthCheck";

        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<GrpcTestApp> context)
        {
            Add(context, Callback, "ListTopicSubscriptions", Empty.Parser, ListTopicSubscriptionsResponse.Parser, app => app.ListTopicSubscriptions is { } handle ? (_, call) => handle(call) : null);
            Add(context, Callback, "OnTopicEvent", TopicEventRequest.Parser, TopicEventResponse.Parser, app => app.OnTopicEvent);
            Add(context, Callback, "OnBulkTopicEvent", TopicEventBulkRequest.Parser, TopicEventBulkResponse.Parser, app => app.OnBulkTopicEvent);
            Add(context, CallbackAlpha, "OnBulkTopicEventAlpha1", TopicEventBulkRequest.Parser, TopicEventBulkResponse.Parser, app => app.OnBulkTopicEventAlpha1);
            Add(context, Callback, "OnInvoke", InvokeRequest.Parser, InvokeResponse.Parser, app => app.OnInvoke);
            Add(context, Health, "HealthCheck", Empty.Parser, HealthCheckResponse.Parser, app => app.HealthCheck is { } handle ? (_, call) => handle(call) : null);
        }

        private static void Add<TRequest, TResponse>(
            ServiceMethodProviderContext<GrpcTestApp> context,
            string service,
            string name,
            MessageParser<TRequest> requests,
            MessageParser<TResponse> responses,
            Func<GrpcTestApp, Func<TRequest, ServerCallContext, Task<TResponse>>?> handler)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse> =>
            context.AddUnaryMethod(
                new Method<TRequest, TResponse>(MethodType.Unary, service, name, Of(requests), Of(responses)),
                [],
                (app, request, call) => handler(app) is { } handle
                    ? handle(request, call)
                    : throw new RpcException(new Status(StatusCode.Unimplemented, $"{name} is not implemented")));

        private static Marshaller<T> Of<T>(MessageParser<T> parser)
            where T : class, IMessage<T> =>
            Marshallers.Create(message => message.ToByteArray(), parser.ParseFrom);
    }
}
