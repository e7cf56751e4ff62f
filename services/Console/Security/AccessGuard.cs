using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Security;

/// <summary>
/// Lets in who may see the mesh: by token (cookie, <c>?token=</c> once, or bearer) where there is one, and on loopback only requests
/// that name this machine, so that a page of the web can't read the console through a name of its own.
/// </summary>
internal sealed class AccessGuard(RequestDelegate next, AccessOptions access)
{
    private const string CookieName = "mesh_console";

    // Only what this app itself serves; no inline script. Style attributes carry positions of the graph.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private readonly byte[] _token = access.Token is null ? [] : Hash(access.Token);

    public Task InvokeAsync(HttpContext context)
    {
        // When it starts, not now: an answer that failed half-way is made anew, without what was set before.
        context.Response.OnStarting(static state => Protect((HttpResponse)state), context.Response);

        if (access.LoopbackOnly && !AccessOptions.IsLoopbackHost(context.Request.Host.Host))
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, $"The console listens on this machine only; found host '{context.Request.Host.Host}', expected localhost or 127.0.0.1.");
        // The sidecar and the host ask for these; they tell nothing.
        if (access.Token is null || context.Request.Path.StartsWithSegments("/healthz") || context.Request.Path.StartsWithSegments("/dapr"))
            return next(context);

        if (context.Request.Query.TryGetValue("token", out var given) && IsToken(given.ToString()))
        {
            context.Response.Cookies.Append(CookieName, given.ToString(), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/" });
            // Away from the address bar, the history and the logs of proxies.
            context.Response.Redirect(context.Request.PathBase + context.Request.Path);
            return Task.CompletedTask;
        }

        var bearer = context.Request.Headers.Authorization.ToString();
        if ((context.Request.Cookies.TryGetValue(CookieName, out var cookie) && IsToken(cookie))
            || (bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && IsToken(bearer["Bearer ".Length..].Trim())))
            return next(context);
        return RefuseAsync(context, StatusCodes.Status401Unauthorized, "The console needs its token: open /?token=… with the value of MESH_CONSOLE_TOKEN, or send it as a bearer token.");
    }

    private static Task Protect(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        // Not "no-referrer": browsers would then post forms without their origin.
        headers["Referrer-Policy"] = "same-origin";
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private bool IsToken(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _token);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
