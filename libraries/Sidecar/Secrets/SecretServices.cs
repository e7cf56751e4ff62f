using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.Secrets;

internal static class SecretServices
{
    public static void AddSecrets(this IServiceCollection services)
    {
        services.AddSingleton<SecretService>();
        services.AddSingleton<IServiceMethodProvider<DaprService>, SecretMethods>();
    }
}
