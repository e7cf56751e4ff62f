using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>A started component <c>middleware.http.*</c>: it may stand in front of the HTTP API and in front of the app.</summary>
internal interface IHttpMiddleware : IAsyncDisposable
{
    /// <summary>Passes a request of the API on, and its answer back.</summary>
    Task InvokeAsync(HttpContext context, RequestDelegate next);

    /// <summary>Passes a request for the app on, and its answer back.</summary>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpSend next, CancellationToken cancellationToken);
}

/// <summary>Hands a request for the app to whoever comes next.</summary>
internal delegate Task<HttpResponseMessage> HttpSend(HttpRequestMessage request, CancellationToken cancellationToken);
