using System.Net;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>Paths and the one they stand for.</summary>
internal sealed record RouteAlias(RoutePattern Pattern, string Target)
{
    /// <summary>The query with the variables of the path added to it: sorted by name, each value escaped. As it was where there are no variables.</summary>
    /// <param name="query">Without the question mark.</param>
    public static string Query(string query, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        if (variables.Count == 0)
            return query;
        var pairs = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            // As Go's reader, which drops what has a semicolon.
            .Where(part => !part.Contains(';', StringComparison.Ordinal))
            .Select(part => part.IndexOf('=', StringComparison.Ordinal) is var sign and >= 0
                ? KeyValuePair.Create(WebUtility.UrlDecode(part[..sign]), WebUtility.UrlDecode(part[(sign + 1)..]))
                : KeyValuePair.Create(WebUtility.UrlDecode(part), ""))
            .Concat(variables)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal);
        return string.Join('&', pairs.Select(pair => $"{Escape(pair.Key)}={Escape(pair.Value)}"));
    }

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
