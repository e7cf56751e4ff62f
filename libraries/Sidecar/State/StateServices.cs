using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Grpc;

namespace RealTimeMesh.Sidecar.State;

internal static class StateServices
{
    public static void AddState(this IServiceCollection services)
    {
        services.AddSingleton<StateService>();
        services.AddSingleton<IServiceMethodProvider<DaprService>, StateMethods>();
    }
}
