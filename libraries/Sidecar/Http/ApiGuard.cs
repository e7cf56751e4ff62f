using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Server;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>What every request passes: the path put in order, cross-origin rules, the API token, errors turned into answers.</summary>
internal sealed class ApiGuard(CrossOrigin origins, ApiToken token, SidecarMetrics metrics, ILogger<ApiGuard> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        try
        {
            // The other ports serve health, metadata and metrics, which need no token.
            var isApi = context.Features.Get<DoorFeature>()?.Door is null or SidecarDoor.Http or SidecarDoor.Grpc;
            if (isApi && (origins.Answer(context) || !await token.AdmitAsync(context) || !await Baggage.AdmitAsync(context)))
                return;
            await next(context);
            // A known path with another method is no endpoint of the API.
            if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false } && context.GetEndpoint()?.Metadata.Count == 0)
            {
                context.Response.Headers.Allow = default;
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        }
        catch (ApiException exception) when (!context.Response.HasStarted)
        {
            metrics.Error(ErrorCategory.Of(exception.Error), exception.Error.Code);
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
}
