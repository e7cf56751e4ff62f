using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Health;

internal static class HealthServices
{
    public static void AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddSingleton<ShutdownRequests>();
        services.AddSingleton(provider => new SidecarEnding(
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<AppHealth>(),
            provider.GetRequiredService<SubscriptionHost>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<DrainWatch>();
    }
}
