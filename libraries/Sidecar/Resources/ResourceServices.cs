using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Sidecar.Resources;

internal static class ResourceServices
{
    public static void AddResources(this IServiceCollection services)
    {
        services.AddSingleton<ComponentSet>();
        services.AddSingleton<ResourceReloader>();
        services.AddSingleton<ResourceHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ResourceHost>());
    }
}
