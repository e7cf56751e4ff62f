using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RealTimeMesh.Sidecar.Invocation;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>Requests for one path become requests for another. The first alias that matches counts.</summary>
internal sealed class RouteAliasMiddleware(IReadOnlyList<RouteAlias> aliases) : IHttpMiddleware
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (Find(request.Path.Value ?? "/", Text(request.QueryString)) is { } target)
        {
            request.Path = new PathString(target.Path);
            request.QueryString = target.Query.Length > 0 ? new QueryString("?" + target.Query) : QueryString.Empty;
            // The API reads its parameters from the request line.
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = Escape(target.Path) + request.QueryString.Value;
        }

        return next(context);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpSend next, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        if (Find(Uri.UnescapeDataString(uri.AbsolutePath), uri.Query.TrimStart('?')) is { } target)
        {
            var query = target.Query.Length > 0 ? "?" + target.Query : "";
            request.RequestUri = new Uri(uri.GetLeftPart(UriPartial.Authority) + Escape(target.Path) + query, AsWritten);
        }

        return next(request, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private (string Path, string Query)? Find(string path, string query)
    {
        foreach (var alias in aliases)
        {
            if (alias.Pattern.Match(path) is { } variables)
                return (alias.Target.StartsWith('/') ? alias.Target : "/" + alias.Target, RouteAlias.Query(query, variables));
        }

        return null;
    }

    private static string Text(QueryString query) => query.HasValue ? query.Value![1..] : "";

    /// <summary>The target is a path as it is, not as it is sent.</summary>
    private static string Escape(string path)
    {
        var encoded = path.Replace("%", "%25", StringComparison.Ordinal);
        return GoPath.Escape(encoded, encoded);
    }
}
