using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.App;

internal static class AppServices
{
    /// <summary>The way to the app.</summary>
    public static void AddAppConnection(this IServiceCollection services)
    {
        services.AddSingleton(provider => new AppLimiter(provider.GetRequiredService<SidecarOptions>().AppMaxConcurrency));
        services.AddSingleton<AppChannel>();
        services.AddSingleton<AppGrpc>();
        services.AddSingleton(provider => new AppHealth(
            provider.GetRequiredService<SidecarOptions>() is { AppPort: > 0 } options ? options.AppHealth : null,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AppHealth>>()));
        services.AddSingleton<AppConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<AppConnection>());
    }
}
