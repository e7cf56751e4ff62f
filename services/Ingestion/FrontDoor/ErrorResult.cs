using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>A request that was not taken at all: <c>{"error","message"}</c>.</summary>
internal sealed class ErrorResult(int status, string error, string message, TimeSpan? retryAfter = null) : IResult
{
    public int StatusCode => status;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (retryAfter is { } delay)
            httpContext.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Results.Json(new Dictionary<string, string> { ["error"] = error, ["message"] = message }, statusCode: status).ExecuteAsync(httpContext);
    }
}
