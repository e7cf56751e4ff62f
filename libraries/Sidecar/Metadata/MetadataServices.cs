using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.Metadata;

internal static class MetadataServices
{
    public static void AddMetadata(this IServiceCollection services)
    {
        services.AddSingleton<MetadataStore>();
        services.AddSingleton<IServiceMethodProvider<DaprService>, MetadataMethods>();
    }
}
