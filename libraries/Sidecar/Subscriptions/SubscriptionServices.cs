using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Subscriptions;

internal static class SubscriptionServices
{
    public static void AddSubscriptions(this IServiceCollection services)
    {
        services.AddSingleton(provider => new DeliveryServices(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SidecarMetrics>(),
            provider.GetRequiredService<SidecarTracing>(),
            provider.GetRequiredService<ResiliencyProvider>(),
            provider.GetRequiredService<ILogger<SubscriptionHost>>()));
        services.AddSingleton<DeliveryFactory>();
        services.AddSingleton<AppSubscriptions>();
        services.AddSingleton<SubscriptionSet>();
        services.AddSingleton<StreamSubscriptions>();
        services.AddSingleton<IServiceMethodProvider<DaprService>, StreamMethods>();
        services.AddSingleton<SubscriptionHost>();
        services.AddHostedService(provider => provider.GetRequiredService<SubscriptionHost>());
    }
}
