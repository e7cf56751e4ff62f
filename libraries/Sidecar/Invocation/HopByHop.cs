using System.Collections.Frozen;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Headers that concern one connection only (RFC 7230, section 6.1): never handed on.</summary>
internal static class HopByHop
{
    private static readonly FrozenSet<string> Names = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "TE", "Trailer", "Proxy-Authorization", "Proxy-Authenticate",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>The further headers that a <c>Connection</c> header names.</summary>
    public static IReadOnlySet<string> Nominated(string? connection) =>
        string.IsNullOrEmpty(connection)
            ? FrozenSet<string>.Empty
            : connection.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
