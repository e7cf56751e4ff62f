using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>One line of log for each API call (<c>--enable-api-logging</c>). Health checks are left out.</summary>
internal sealed class ApiLog(SidecarOptions options, TimeProvider time, ILogger<ApiLog> logger)
{
    public bool IsOn => options.ApiLogging;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var started = time.GetTimestamp();
        await next(context);
        var request = context.Request;
        if (request.Path.StartsWithSegments("/v1.0/healthz", StringComparison.Ordinal) || request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal))
            return;
        var duration = (long)time.GetElapsedTime(started).TotalMilliseconds;
        if (Grpc.UnimplementedMethods.IsGrpc(request))
            Log.GrpcCalled(logger, request.Path.ToString(), duration);
        else
            Log.HttpCalled(logger, request.Method, request.Path.ToString(), context.Response.StatusCode, duration);
    }
}
