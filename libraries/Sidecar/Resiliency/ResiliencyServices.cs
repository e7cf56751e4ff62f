using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Resiliency;

internal static class ResiliencyServices
{
    public static void AddResiliency(this IServiceCollection services) =>
        services.AddSingleton(provider =>
        {
            var setup = provider.GetRequiredService<SidecarSetup>();
            var logger = provider.GetRequiredService<ILogger<ResiliencyProvider>>();
            var documents = ResiliencyFiles.Load(setup.Resources?.Paths ?? [], setup.Options.AppId, logger);
            return new ResiliencyProvider(documents, setup.Time, logger, provider.GetRequiredService<IResiliencyMetrics>());
        });
}
