using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.Health;

/// <summary>Health and shutdown over HTTP.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var readiness = routes.ServiceProvider.GetRequiredService<Readiness>();
        var options = routes.ServiceProvider.GetRequiredService<SidecarOptions>();
        var shutdown = routes.ServiceProvider.GetRequiredService<ShutdownRequests>();
        // Every handler takes the context and returns a task: another shape would be bound by compiling expressions at the start.
        routes.MapGet("/v1.0/healthz", context => Healthz(context, readiness, options));
        // Components are started before the ports open: outbound APIs work from the first moment.
        routes.MapGet("/v1.0/healthz/outbound", context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        routes.MapPost("/v1.0/shutdown", context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            shutdown.Accept(context);
            return Task.CompletedTask;
        });
    }

    private static Task Healthz(HttpContext context, Readiness readiness, SidecarOptions options)
    {
        if (!readiness.IsReady)
            throw Fault("ERR_HEALTH_NOT_READY", $"dapr is not ready: {readiness.Awaited}");
        if (context.Request.Query.TryGetValue("appid", out var appId) && appId.FirstOrDefault() != options.AppId)
            throw Fault("ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static ApiException Fault(string code, string text) => new(new ApiError(StatusCodes.Status500InternalServerError, StatusCode.Internal, code, text));
}
