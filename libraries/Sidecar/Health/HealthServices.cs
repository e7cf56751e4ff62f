using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Sidecar.Health;

internal static class HealthServices
{
    public static void AddHealth(this IServiceCollection services) => services.AddSingleton<Readiness>();
}
