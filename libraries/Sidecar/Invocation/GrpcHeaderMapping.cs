using System.Collections.Frozen;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Which headers of a call or an answer a gRPC app or client gets: those of HTTP that gRPC has its own use for under the prefix <c>dapr-</c>.</summary>
internal static class GrpcHeaderMapping
{
    private static readonly FrozenSet<string> Reserved = new[]
    {
        "Accept", "Accept-Charset", "Accept-Language", "Accept-Ranges", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "Cache-Control",
        "Content-Type", "Content-Length", "Cookie", "Date", "Expect", "From", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Schedule-Tag-Match",
        "If-Unmodified-Since", "Max-Forwards", "Origin", "Pragma", "Referer", "Via", "Warning",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <param name="metadata">What is mapped.</param>
    /// <param name="fromHttp">Whether names of HTTP are kept under a prefix; trailers have none.</param>
    public static RpcMetadata Map(InvokeMetadata metadata, bool fromHttp = true)
    {
        var mapped = new RpcMetadata();
        foreach (var (name, values) in metadata.Values)
        {
            var key = name.ToLowerInvariant();
            if (IsOwn(key) || (metadata.IsGrpc && IsTransport(key)))
                continue;
            if (fromHttp && !metadata.IsGrpc && Reserved.Contains(name))
                key = "dapr-" + key;
            foreach (var value in values)
                Add(mapped, key, value ?? "");
        }

        if (fromHttp)
            AddTrace(metadata, mapped);
        return mapped;
    }

    private static void Add(RpcMetadata mapped, string key, string value)
    {
        if (!IsKey(key))
            return;
        if (!key.EndsWith("-bin", StringComparison.Ordinal))
        {
            if (IsText(value))
                mapped.Add(key, value);
            return;
        }

        var binary = new byte[value.Length];
        if (Convert.TryFromBase64String(value, binary, out var length))
            mapped.Add(key, binary[..length]);
    }

    private static void AddTrace(InvokeMetadata metadata, RpcMetadata mapped)
    {
        if (metadata.First("grpc-trace-bin") is { } given)
        {
            var binary = new byte[given.Length];
            if (Convert.TryFromBase64String(given, binary, out var length))
            {
                mapped.Add("grpc-trace-bin", binary[..length]);
                if (TraceContext.FromBinary(binary.AsSpan(0, length)) is { } parent)
                    mapped.Add("traceparent", parent);
                return;
            }
        }

        var trace = !metadata.IsGrpc && metadata.First("traceparent") is { Length: 55 } traceParent && System.Diagnostics.ActivityContext.TryParse(traceParent, null, out _)
            ? new TraceContext(traceParent, metadata.First("tracestate"))
            : TraceContext.Under(metadata.First("traceparent"), metadata.First("tracestate"));
        mapped.Add("traceparent", trace.TraceParent);
        if (trace.TraceState is { Length: > 0 } state && IsText(state))
            mapped.Add("tracestate", state);
        mapped.Add("grpc-trace-bin", trace.ToBinary());
    }

    private static bool IsOwn(string key) => key is "traceparent" or "tracestate" or "grpc-trace-bin" or "destination-app-id" or "dapr-app-id";

    /// <summary>Said anew by each connection.</summary>
    private static bool IsTransport(string key) =>
        key[0] == ':' || key is "content-type" or "te" or "user-agent" or "host" or "grpc-timeout" or "grpc-encoding" or "grpc-accept-encoding" or "content-length" or "accept-encoding";

    /// <summary>Visible ASCII: what gRPC allows in a value that is not binary.</summary>
    private static bool IsText(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool IsKey(string key)
    {
        foreach (var letter in key)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter is not ('-' or '_' or '.'))
                return false;
        }

        return key.Length > 0 && !key.StartsWith("grpc-", StringComparison.Ordinal);
    }
}
