using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>
/// The parameters of a path as Dapr reads them: taken from the raw request line, empty segments left out, each
/// unescaped by query rules (<c>+</c> is a space, <c>%2F</c> a slash). Routing alone would keep both as they stand.
/// </summary>
internal static class ApiPath
{
    /// <summary>Decoded segment at a 0-based place, or empty where the path is shorter.</summary>
    public static string Segment(HttpContext context, int index)
    {
        var segments = Split(context);
        return index < segments.Length ? WebUtility.UrlDecode(segments[index]) : "";
    }

    /// <summary>All from a place on, joined by slashes: a topic may contain them.</summary>
    public static string Rest(HttpContext context, int index)
    {
        var segments = Split(context);
        return index < segments.Length ? string.Join('/', segments.Skip(index).Select(WebUtility.UrlDecode)) : "";
    }

    /// <summary>Collapses repeated slashes and strips the last one before routing.</summary>
    public static PathString Normalise(PathString path)
    {
        var text = path.Value;
        if (string.IsNullOrEmpty(text) || (!text.Contains("//", StringComparison.Ordinal) && (text.Length == 1 || text[^1] != '/')))
            return path;
        return new PathString("/" + string.Join('/', text.Split('/', StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>The <c>metadata.*</c> pairs of the query, without the prefix.</summary>
    public static Dictionary<string, string> QueryMetadata(HttpRequest request)
    {
        const string Prefix = "metadata.";
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!request.QueryString.HasValue)
            return result;
        foreach (var (name, value) in request.Query)
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal))
                result[name[Prefix.Length..]] = value[0] ?? "";
        }

        return result;
    }

    private static string[] Split(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        // Absolute-form targets (proxies) carry no path of their own at the start.
        if (string.IsNullOrEmpty(target) || target[0] != '/')
            target = context.Request.Path.Value ?? "";
        var end = target.IndexOf('?');
        return (end < 0 ? target : target[..end]).Split('/', StringSplitOptions.RemoveEmptyEntries);
    }
}
