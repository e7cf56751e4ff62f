using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.PubSub;

internal static class PubSubServices
{
    public static void AddPubSub(this IServiceCollection services)
    {
        services.AddSingleton<BrokerGate>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<IServiceMethodProvider<DaprService>, PublishMethods>();
    }
}
