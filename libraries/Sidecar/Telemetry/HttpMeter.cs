using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>Counts served HTTP requests; gRPC is counted where its methods are bound.</summary>
internal sealed class HttpMeter(SidecarMetrics metrics, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var started = time.GetTimestamp();
        // Taken before anything below rewrites it.
        var path = context.Request.Path.Value ?? "/";
        await next(context);
        metrics.HttpServed(
            context.Request.Method,
            path,
            context.Response.StatusCode,
            context.Request.ContentLength ?? 0,
            context.Response.ContentLength ?? 0,
            time.GetElapsedTime(started));
    }
}
