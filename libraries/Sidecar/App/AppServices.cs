using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.App;

internal static class AppServices
{
    /// <summary>The way to the app.</summary>
    public static void AddAppConnection(this IServiceCollection services) => services.AddSingleton<AppChannel>();
}
