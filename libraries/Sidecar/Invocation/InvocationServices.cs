using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Invocation.Http;
using RealTimeMesh.Sidecar.Invocation.Names;
using RealTimeMesh.Sidecar.Invocation.Proxy;
using RealTimeMesh.Sidecar.Invocation.Remote;
using RealTimeMesh.Sidecar.Server;

namespace RealTimeMesh.Sidecar.Invocation;

internal static class InvocationServices
{
    /// <summary>Calls between apps.</summary>
    public static void AddInvocation(this IServiceCollection services, SidecarSetup setup)
    {
        services.AddSingleton<INameResolver>(setup.Names ?? new InProcessNames());
        services.AddSingleton<NameLookup>();
        services.AddSingleton<NameHost>();
        services.AddHostedService(provider => provider.GetRequiredService<NameHost>());
        services.AddSingleton<LocalApp>();
        services.AddSingleton<HttpEndpoints>();
        services.AddSingleton<RemoteSidecars>();
        services.AddSingleton<ForwardedHeaders>();
        services.AddSingleton(provider => new AccessControl(setup.Configuration, provider.GetRequiredService<ILogger<AccessControl>>()));
        services.AddSingleton<DirectInvoker>();
        services.AddSingleton<InvokeEndpoint>();
        services.AddSingleton<GrpcProxy>();
        services.AddSingleton<InternalService>();
        services.AddSingleton<IServiceMethodProvider<DaprService>, InvokeMethods>();
    }

    /// <summary>Whatever no other part of the API answers: the path of an app's method, or a gRPC method of an app.</summary>
    public static void MapInvocation(this IEndpointRouteBuilder routes)
    {
        var http = routes.ServiceProvider.GetRequiredService<InvokeEndpoint>();
        var proxy = routes.ServiceProvider.GetRequiredService<GrpcProxy>();
        routes.MapGrpcService<InternalService>();
        routes.Map("/{**path}", context => context.Features.Get<DoorFeature>()?.Door switch
        {
            SidecarDoor.Http => http.HandleAsync(context),
            SidecarDoor.Grpc or SidecarDoor.InternalGrpc when UnimplementedMethods.IsGrpc(context.Request) => proxy.HandleAsync(context),
            _ => NotFoundAsync(context),
        }).WithOrder(int.MaxValue);
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
