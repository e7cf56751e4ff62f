using Grpc.Core;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>
/// The name of an invoked method in the one form that access rules and the app see: no characters that mean something in
/// a URL, no way up the tree. Rules and texts are daprd's.
/// </summary>
internal static class MethodName
{
    /// <summary>Throws <see cref="InvokeException"/> for a name that may not be called.</summary>
    public static string Normalise(string method)
    {
        if (method.AsSpan().IndexOfAny('#', '?', '\0') >= 0)
            throw new InvokeException(StatusCode.InvalidArgument, $"invalid method: method contains forbidden character: {GoText.Quote(method)}");
        for (var i = 0; i < method.Length; i++)
        {
            if (method[i] is < ' ' or '\x7f')
                throw new InvokeException(StatusCode.InvalidArgument, $"invalid method: method contains control character at position {i}: {GoText.Quote(method)}");
        }

        var cleaned = Clean(method);
        while (cleaned.StartsWith("../", StringComparison.Ordinal))
            cleaned = cleaned[3..];
        return cleaned is ".." or "." ? "" : cleaned;
    }

    /// <summary>The shortest path of the same meaning: no empty or <c>.</c> segments, each <c>..</c> resolved where it can be; <c>.</c> for nothing.</summary>
    public static string Clean(string path)
    {
        if (path.Length == 0)
            return ".";
        var rooted = path[0] == '/';
        var kept = new List<string>();
        foreach (var segment in path.Split('/'))
        {
            if (segment is "" or ".")
                continue;
            if (segment != "..")
                kept.Add(segment);
            else if (kept.Count > 0 && kept[^1] != "..")
                kept.RemoveAt(kept.Count - 1);
            else if (!rooted)
                kept.Add("..");
        }

        var joined = string.Join('/', kept);
        if (rooted)
            return "/" + joined;
        return joined.Length == 0 ? "." : joined;
    }
}
