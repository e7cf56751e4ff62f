using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Sidecar.Outbox;

internal static class OutboxServices
{
    public static void AddOutbox(this IServiceCollection services)
    {
        services.AddSingleton<OutboxPublisher>();
        services.AddSingleton<OutboxHost>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxHost>());
    }
}
