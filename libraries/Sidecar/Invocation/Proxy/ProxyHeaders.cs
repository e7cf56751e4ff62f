using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>Metadata of proxied calls: handed on, save what concerns this connection and what the sidecar says itself.</summary>
internal static class ProxyHeaders
{
    public static void CopyRequest(HttpRequest from, HttpRequestMessage to, ProxyTarget target, SidecarOptions options)
    {
        foreach (var (name, values) in from.Headers)
        {
            if (name[0] != ':' && !IsReplaced(name, target.IsLocal))
                to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        to.Headers.TryAddWithoutValidation("te", "trailers");
        if (target.IsLocal)
        {
            if (options.AppApiToken is { Length: > 0 } token)
                to.Headers.TryAddWithoutValidation("dapr-api-token", token);
            return;
        }

        to.Headers.TryAddWithoutValidation("dapr-caller-app-id", options.AppId);
        to.Headers.TryAddWithoutValidation("dapr-caller-namespace", options.Namespace);
        to.Headers.TryAddWithoutValidation("dapr-callee-app-id", target.AppId);
        if (!from.Headers.ContainsKey("grpc-trace-bin"))
        {
            var trace = TraceContext.Under(from.Headers.TraceParent, from.Headers.TraceState);
            to.Headers.Remove("traceparent");
            to.Headers.TryAddWithoutValidation("traceparent", trace.TraceParent);
            to.Headers.TryAddWithoutValidation("grpc-trace-bin", Convert.ToBase64String(trace.ToBinary()));
        }
    }

    public static void CopyResponse(HttpResponseMessage from, HttpResponse to)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.NonValidated)
        {
            if (!HopByHop.Contains(name))
                to.Headers[name] = values.ToArray();
        }

        foreach (var (name, values) in from.Content.Headers.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                to.Headers[name] = values.ToArray();
        }
    }

    public static void CopyTrailers(HttpResponseMessage from, HttpResponse to)
    {
        foreach (var (name, values) in from.TrailingHeaders.NonValidated)
            to.AppendTrailer(name, values.ToArray());
    }

    private static bool IsReplaced(string name, bool isLocal) => name.ToLowerInvariant() switch
    {
        "host" or "te" or "content-type" or "content-length" or "transfer-encoding" or "connection" or "keep-alive" or "upgrade" or "dapr-app-id" => true,
        // Between sidecars they were set by the first of them.
        "dapr-caller-app-id" or "dapr-caller-namespace" or "dapr-callee-app-id" => !isLocal,
        "dapr-api-token" => isLocal,
        _ => false,
    };
}
