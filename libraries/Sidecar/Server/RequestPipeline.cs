using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Middleware;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>What a request passes before its endpoint, by the port it came through.</summary>
internal static class RequestPipeline
{
    private const string GrpcApi = "/" + GrpcBinding.ServiceName;

    public static void UseRequestPipeline(this WebApplication app)
    {
        var guard = app.Services.GetRequiredService<ApiGuard>();
        var meter = app.Services.GetRequiredService<HttpMeter>();
        var pipelines = app.Services.GetRequiredService<MiddlewarePipelines>();
        var tracing = app.Services.GetRequiredService<SidecarTracing>();
        var upgrade = app.Services.GetRequiredService<UpgradeToHttp2>();
        var log = app.Services.GetRequiredService<ApiLog>();
        var open = app.Services.GetRequiredService<OpenConnections>();
        var isMetered = app.Services.GetRequiredService<SidecarMetrics>().Enabled;
        app.Use(next =>
        {
            RequestDelegate passed = pipelines.HasServer ? context => IsApi(context) ? pipelines.Server.InvokeAsync(context, next) : next(context) : next;
            RequestDelegate guarded = context => guard.InvokeAsync(context, passed);
            RequestDelegate logged = log.IsOn ? context => log.InvokeAsync(context, guarded) : guarded;
            RequestDelegate traced = context => TraceAsync(tracing, context, logged);
            return open.Requests(context =>
            {
                var door = context.Features.Get<DoorFeature>()?.Door ?? SidecarDoor.Http;
                context.Request.Path = ApiPath.Normalise(context.Request.Path);
                if (door == SidecarDoor.Http && UpgradeToHttp2.IsAskedFor(context))
                    return upgrade.RunAsync(context);
                if (!DoorRules.Admit(door, context))
                    return Task.CompletedTask;
                var isGrpc = UnimplementedMethods.IsGrpc(context.Request);
                // A body of the gRPC API is a stream of messages, each of which has the limit.
                if (isGrpc && context.Request.Path.StartsWithSegments(GrpcApi, StringComparison.Ordinal) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                    limit.MaxRequestBodySize = null;
                return isMetered && door is SidecarDoor.Http or SidecarDoor.Public && !isGrpc
                    ? meter.InvokeAsync(context, traced)
                    : traced(context);
            });
        });
    }

    /// <summary>The HTTP API alone has a pipeline.</summary>
    private static bool IsApi(HttpContext context) => (context.Features.Get<DoorFeature>()?.Door ?? SidecarDoor.Http) == SidecarDoor.Http && !UnimplementedMethods.IsGrpc(context.Request);

    private static Task TraceAsync(SidecarTracing tracing, HttpContext context, RequestDelegate next)
    {
        var isGrpc = UnimplementedMethods.IsGrpc(context.Request);
        return tracing.StartCall(context, isGrpc) is { } activity ? RunAsync(activity) : next(context);

        async Task RunAsync(System.Diagnostics.Activity span)
        {
            using (span)
            {
                await next(context);
                SidecarTracing.EndCall(span, context, isGrpc);
            }
        }
    }
}
