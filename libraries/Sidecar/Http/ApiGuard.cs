using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>What every request passes: the path put in order, the API token, errors turned into answers.</summary>
internal sealed class ApiGuard(SidecarOptions options, SidecarMetrics metrics, ILogger<ApiGuard> logger)
{
    private const string TokenHeader = "dapr-api-token";

    private readonly byte[]? _token = options.ApiToken is { Length: > 0 } token ? Encoding.UTF8.GetBytes(token) : null;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        request.Path = ApiPath.Normalise(request.Path);
        if (_token is not null && !IsExempt(request))
        {
            if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Headers[TokenHeader].ToString()), _token))
            {
                await RefuseAsync(context);
                return;
            }

            request.Headers.Remove(TokenHeader);
        }

        try
        {
            await next(context);
        }
        catch (ApiException exception) when (!context.Response.HasStarted)
        {
            metrics.Error(exception.Error.Reason?.StartsWith("DAPR_PUBSUB", StringComparison.Ordinal) == true ? "pubsub" : "state", exception.Error.Code);
            await ErrorJson.WriteAsync(context.Response, exception.Error);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await ErrorJson.WriteAsync(context.Response, new ApiError(exception.StatusCode, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", exception.Message));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody reads an answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Log.RequestFailed(logger, exception, request.Method, request.Path.ToString());
            await ErrorJson.WriteAsync(context.Response, new ApiError(StatusCodes.Status500InternalServerError, StatusCode.Internal, "ERR_INTERNAL", exception.Message));
        }
    }

    private static bool IsExempt(HttpRequest request) =>
        request.Path.Equals("/v1.0/healthz", StringComparison.Ordinal) || request.Path.Equals("/v1.0/healthz/outbound", StringComparison.Ordinal);

    private static async Task RefuseAsync(HttpContext context)
    {
        const string Text = "invalid api token";
        if (UnimplementedMethods.IsGrpc(context.Request))
        {
            await UnimplementedMethods.FailAsync(context, StatusCode.Unauthenticated, Text);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(Text);
    }
}
