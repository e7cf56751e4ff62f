using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Resiliency;

/// <summary>An in-memory pub/sub <c>mypub</c> whose deliveries are repeated four times, 10 ms apart.</summary>
internal static class InboundRetries
{
    public static string[] Resources { get; } =
    [
        """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: dapr-resiliency
        spec:
          policies:
            retries:
              retryAppCall:
                duration: 10ms
                maxRetries: 4
                policy: constant
          targets:
            components:
              mypub:
                inbound:
                  retry: retryAppCall
        """,
        Manifests.InMemoryPubSub("mypub"),
    ];

    public static async Task PublishAsync(Daprd daprd, string topic) =>
        await daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "mypub", Topic = topic, Data = ByteString.CopyFromUtf8("{\"status\": \"completed\"}"), DataContentType = "application/json" });
}
