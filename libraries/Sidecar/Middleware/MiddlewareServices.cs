using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Sidecar.Middleware;

internal static class MiddlewareServices
{
    /// <summary>What stands in front of the API and the app.</summary>
    public static void AddMiddleware(this IServiceCollection services) => services.AddSingleton<MiddlewarePipelines>();
}
