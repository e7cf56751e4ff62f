using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>Middleware in the order a request passes it.</summary>
internal sealed class MiddlewareChain(IReadOnlyList<IHttpMiddleware> parts)
{
    public static MiddlewareChain Empty { get; } = new([]);

    public Task InvokeAsync(HttpContext context, RequestDelegate root) => InvokeAsync(context, root, 0);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpSend root, CancellationToken cancellationToken) => SendAsync(request, root, 0, cancellationToken);

    private Task InvokeAsync(HttpContext context, RequestDelegate root, int at) =>
        at == parts.Count ? root(context) : parts[at].InvokeAsync(context, passed => InvokeAsync(passed, root, at + 1));

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpSend root, int at, CancellationToken cancellationToken) =>
        at == parts.Count ? root(request, cancellationToken) : parts[at].SendAsync(request, (passed, token) => SendAsync(passed, root, at + 1, token), cancellationToken);
}
