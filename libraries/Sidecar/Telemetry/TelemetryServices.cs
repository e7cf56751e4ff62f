using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Telemetry;

internal static class TelemetryServices
{
    public static void AddTelemetry(this IServiceCollection services)
    {
        services.AddSingleton<SidecarMetrics>();
        services.AddSingleton<IResiliencyMetrics, ResiliencyMetrics>();
        services.AddSingleton<SidecarTracing>();
        services.AddHostedService<TraceExport>();
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        var metrics = routes.ServiceProvider.GetRequiredService<SidecarMetrics>();
        routes.MapGet("/metrics", context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return context.Response.WriteAsync(metrics.Render());
        });
    }
}
