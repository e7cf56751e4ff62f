using System.Buffers;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Which headers of a message can be handed on as headers of a request: none that would break it.</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> GrpcName = SearchValues.Create("-._0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>RFC 9110: a token and visible ASCII, no hop-by-hop header, none of the sidecar's own.</summary>
    public static bool IsHttp(string name, string value) =>
        name.Length > 0 && !name.AsSpan().ContainsAnyExcept(Token) && IsVisible(value) && !IsOfTheRequest(name) && !name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);

    /// <summary>The name of a gRPC metadata entry, in lower case; null where it cannot be one.</summary>
    public static string? GrpcNameOf(string name, string value)
    {
        var lower = name.ToLowerInvariant();
        return lower.Length > 0 && !lower.AsSpan().ContainsAnyExcept(GrpcName) && IsVisible(value) && !IsOfTheRequest(lower)
            && lower is not "te" && !lower.StartsWith("grpc-", StringComparison.Ordinal)
            ? lower
            : null;
    }

    private static bool IsVisible(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool IsOfTheRequest(string name) => name.ToLowerInvariant() is
        "content-length" or "content-type" or "transfer-encoding" or "connection" or "keep-alive" or "proxy-connection" or "host" or "upgrade"
        or "expect" or "te" or "trailer" or "traceparent" or "tracestate" or "dapr-api-token";
}
