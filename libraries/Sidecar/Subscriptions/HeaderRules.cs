using System.Buffers;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Which message headers can be HTTP headers (RFC 9110, tokens and visible ASCII).</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(Token);

    public static bool IsValue(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
