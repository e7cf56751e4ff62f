using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace RealTimeMesh.Sidecar.Grpc;

/// <summary>Answers of gRPC that no method gives.</summary>
internal static class UnimplementedMethods
{
    /// <summary>Methods of Dapr's own service; those of others are apps'.</summary>
    public static void MapUnimplementedMethods(this IEndpointRouteBuilder routes) =>
        routes.MapPost($"/{GrpcBinding.ServiceName}/{{method}}", context => IsGrpc(context.Request)
            ? FailAsync(context, StatusCode.Unimplemented, $"method {context.Request.Path.Value?[1..]} is not served by this sidecar")
            : NotFoundAsync(context));

    public static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A response of trailers only.</summary>
    public static Task FailAsync(HttpContext context, StatusCode status, string message)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = Uri.EscapeDataString(message);
        return Task.CompletedTask;
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
