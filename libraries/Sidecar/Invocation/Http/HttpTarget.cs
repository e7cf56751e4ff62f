using RealTimeMesh.Sidecar.App;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>An HTTP server that is called: the app, an endpoint, an address in the request.</summary>
/// <param name="BaseUrl">Without a slash at its end.</param>
/// <param name="Version">The version of HTTP it speaks.</param>
internal sealed record HttpTarget(string BaseUrl, Version Version, HttpMessageInvoker Client, AppLimiter Limiter)
{
    /// <summary>For bodies that cannot be sent twice: it follows no redirects.</summary>
    public HttpMessageInvoker? StreamClient { get; init; }

    /// <summary>Set on each request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The app, whose health decides whether it is called; null for others.</summary>
    public AppHealth? Health { get; init; }
}
