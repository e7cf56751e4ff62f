using Microsoft.Extensions.Primitives;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>Which headers of a call or an answer an HTTP app or client gets.</summary>
internal static class HttpHeaderMapping
{
    /// <summary>Hands out the headers of an HTTP message: without those of one connection, binary ones and those the message has by itself; traces included.</summary>
    public static void Write(InvokeMetadata metadata, Action<string, StringValues> add)
    {
        var nominated = HopByHop.Nominated(metadata.First("Connection"));
        foreach (var (name, values) in metadata.Values)
        {
            if (values.Count == 0 || IsOwn(name) || HopByHop.Contains(name) || nominated.Contains(name) || name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
                continue;
            if (name.StartsWith(':'))
                add("dapr-" + name[1..], values);
            else
                add(name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) ? "dapr-" + name : name, values);
        }

        var trace = Trace(metadata);
        add("traceparent", trace.TraceParent);
        if (!string.IsNullOrEmpty(trace.TraceState))
            add("tracestate", trace.TraceState);
    }

    private static TraceContext Trace(InvokeMetadata metadata)
    {
        if (!metadata.IsGrpc && metadata.First("traceparent") is { Length: > 0 } given)
            return new TraceContext(given, metadata.First("tracestate"));
        return metadata.First("grpc-trace-bin") is { } binary && TraceContext.FromBinary(Base64(binary)) is { } fromBinary
            ? new TraceContext(fromBinary, null)
            : TraceContext.Under(metadata.First("traceparent"), metadata.First("tracestate"));
    }

    private static byte[] Base64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : [];
    }

    private static bool IsOwn(string name) => name.ToLowerInvariant() is
        "content-type" or "content-length" or "destination-app-id" or "traceparent" or "tracestate" or "dapr-app-id" or "expect" or "host";
}
