using Dapr.Client.Autogen.Grpc.v1;
using Grpc.AspNetCore.Server.Model;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Streaming subscriptions over gRPC.</summary>
internal sealed class StreamMethods(StreamSubscriptions streams) : IServiceMethodProvider<DaprService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context) =>
        context.Duplex(
            "SubscribeTopicEventsAlpha1",
            SubscribeTopicEventsRequestAlpha1.Parser,
            SubscribeTopicEventsResponseAlpha1.Parser,
            (requests, responses, call) => streams.RunAsync(requests, responses, call.CancellationToken));
}
