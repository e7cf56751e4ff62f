using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Server;

internal static class ServerServices
{
    public static void AddServer(this IServiceCollection services)
    {
        services.AddSingleton<SidecarPorts>();
        services.AddSingleton<OpenConnections>();
        services.AddHostedService(provider => provider.GetRequiredService<OpenConnections>());
        services.AddSingleton<InternalPort>();
        services.AddHostedService(provider => provider.GetRequiredService<InternalPort>());
        services.AddOptions<SocketTransportOptions>().Configure<InternalPort>((sockets, port) => sockets.CreateBoundListenSocket = port.Bind);
        services.AddSingleton<ClearTextHttp2>();
        services.AddSingleton<UpgradeToHttp2>();
        services.AddSingleton<CrossOrigin>();
        services.AddSingleton<ApiToken>();
        services.AddSingleton<ApiGuard>();
        services.AddSingleton<ApiLog>();
        services.AddSingleton<HttpMeter>();
    }
}
