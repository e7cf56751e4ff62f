using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.Health;

/// <summary>Health and shutdown over HTTP.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var readiness = routes.ServiceProvider.GetRequiredService<Readiness>();
        var options = routes.ServiceProvider.GetRequiredService<SidecarOptions>();
        var lifetime = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();
        var logger = routes.ServiceProvider.GetRequiredService<ILogger<Readiness>>();
        routes.MapGet("/v1.0/healthz", (HttpContext context) => Healthz(context, readiness, options));
        // Components are started before the sidecar is built: outbound APIs work from the first moment.
        routes.MapGet("/v1.0/healthz/outbound", (HttpContext context) => context.Response.StatusCode = StatusCodes.Status204NoContent);
        routes.MapPost("/v1.0/shutdown", context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            context.Response.OnCompleted(() =>
            {
                Log.ShutdownRequested(logger);
                lifetime.StopApplication();
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
    }

    private static void Healthz(HttpContext context, Readiness readiness, SidecarOptions options)
    {
        if (context.Request.Query.TryGetValue("appid", out var appId) && appId != options.AppId)
            throw new ApiException(new ApiError(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match"));
        if (!readiness.IsReady)
            throw new ApiException(new ApiError(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_HEALTH_NOT_READY", "dapr is not ready: [app subscriptions]"));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
