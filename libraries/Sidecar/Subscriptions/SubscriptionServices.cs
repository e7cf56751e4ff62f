using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Sidecar.Subscriptions;

internal static class SubscriptionServices
{
    public static void AddSubscriptions(this IServiceCollection services)
    {
        services.AddSingleton<SubscriptionHost>();
        services.AddHostedService(provider => provider.GetRequiredService<SubscriptionHost>());
    }
}
