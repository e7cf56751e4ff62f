using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.App;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Chooses how the deliveries of a subscription go: by the app's protocol, one by one or in bulk.</summary>
internal sealed class DeliveryFactory(SidecarOptions options, AppChannel http, AppGrpc grpc, AppLimiter limiter, DeliveryServices services)
{
    public IDelivery ForApp(SubscriptionDefinition definition, PubSubComponent component)
    {
        var isGrpc = options.AppProtocol.IsGrpc();
        if (definition.Bulk is null)
            return ForSender(definition, component, isGrpc ? new GrpcEventSender(grpc, limiter, options, services.Time) : new HttpEventSender(http));
        IBulkSender sender = isGrpc ? new GrpcBulkSender(grpc, limiter, options, services.Time, services.Logger) : new HttpBulkSender(http);
        return new BulkDelivery(definition, component, sender, services);
    }

    public IDelivery ForSender(SubscriptionDefinition definition, PubSubComponent component, IEventSender sender) =>
        new SingleDelivery(definition, component, sender, services);
}
