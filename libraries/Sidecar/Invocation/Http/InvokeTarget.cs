using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>
/// Who is called and which method: by the header <c>dapr-app-id</c> or basic authentication with that user (the path is the
/// method), or by <c>/v1.0/invoke/ID/method/METHOD</c>.
/// </summary>
internal readonly record struct InvokeTarget(string Id, string Method)
{
    private const string AppIdHeader = "dapr-app-id";

    /// <summary>Null where the request names no app. The header is taken off: it is for the sidecar alone.</summary>
    public static InvokeTarget? Find(HttpRequest request)
    {
        var path = DecodedPath(request);
        if (request.Headers[AppIdHeader].ToString() is { Length: > 0 } id)
        {
            request.Headers.Remove(AppIdHeader);
            return new InvokeTarget(id, MethodName.Clean(path).TrimStart('/'));
        }

        if (FromBasicAuth(request.Headers.Authorization.ToString()) is { } user)
            return new InvokeTarget(user, MethodName.Clean(path).TrimStart('/'));
        return FromPath(path);
    }

    private static string? FromBasicAuth(string header)
    {
        const string Scheme = "Basic ";
        if (!header.StartsWith(Scheme, StringComparison.Ordinal))
            return null;
        var text = header[Scheme.Length..];
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return null;
        return Encoding.UTF8.GetString(bytes, 0, length).Split(':') is [var name, var id] && name.Equals(AppIdHeader, StringComparison.OrdinalIgnoreCase) ? id : null;
    }

    /// <summary>The id may be an address with slashes of its own: everything up to <c>/method/</c>.</summary>
    private static InvokeTarget? FromPath(string path)
    {
        const string Separator = "/method/";
        if (AfterPrefix(path) is not { } rest)
            return null;
        var at = rest.IndexOf(Separator, StringComparison.Ordinal);
        if (at <= 0)
            return null;
        var id = WebUtility.UrlDecode(rest[..at]);
        var method = MethodName.Clean(rest[(at + Separator.Length)..]);
        return new InvokeTarget(id.Length > 0 ? id : rest[..at], method == "." ? "" : method);
    }

    /// <summary>What follows <c>/v1.0/invoke/</c>, whose slashes may be repeated.</summary>
    private static string? AfterPrefix(string path)
    {
        var rest = path.AsSpan();
        foreach (var part in (ReadOnlySpan<string>)["v1.0", "invoke"])
        {
            var trimmed = rest.TrimStart('/');
            if (trimmed.Length == rest.Length || !trimmed.StartsWith(part + "/", StringComparison.Ordinal))
                return null;
            rest = trimmed[part.Length..];
        }

        return rest.TrimStart('/').ToString();
    }

    /// <summary>The path with its percent-encodings resolved and nothing else: neither a plus sign nor dots mean anything yet.</summary>
    private static string DecodedPath(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target))
            return request.Path.Value ?? "/";
        if (target[0] != '/' && Uri.TryCreate(target, UriKind.Absolute, out var absolute))
            target = absolute.AbsolutePath;
        var end = target.IndexOfAny(['?', '#']);
        return Uri.UnescapeDataString(end < 0 ? target : target[..end]);
    }
}
