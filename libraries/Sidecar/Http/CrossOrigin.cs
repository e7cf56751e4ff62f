using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>
/// Cross-origin requests (<c>--allowed-origins</c>). With no origins set nothing is answered at all; a preflight is
/// answered here, before a token is asked for, since browsers send none with it.
/// </summary>
internal sealed class CrossOrigin(SidecarOptions options)
{
    private static readonly HashSet<string> Methods = new(StringComparer.OrdinalIgnoreCase) { "HEAD", "GET", "POST", "PUT", "PATCH", "DELETE" };

    private readonly bool _all = options.AllowedOrigins.Contains("*");
    private readonly HashSet<string> _origins = new(options.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>True where the request was a preflight and is answered.</summary>
    public bool Answer(HttpContext context)
    {
        if (_origins.Count == 0)
            return false;
        var request = context.Request;
        var asked = request.Headers.AccessControlRequestMethod.ToString();
        var isPreflight = HttpMethods.IsOptions(request.Method) && asked.Length > 0;
        var headers = context.Response.Headers;
        headers.Append(HeaderNames.Vary, isPreflight ? "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" : "Origin");
        var origin = request.Headers.Origin.ToString();
        var allowed = origin.Length > 0 && (_all || IsListed(origin)) && Methods.Contains(isPreflight ? asked : request.Method);
        if (allowed)
        {
            headers.AccessControlAllowOrigin = _all ? "*" : origin;
            if (isPreflight)
            {
                headers.AccessControlAllowMethods = asked.ToUpperInvariant();
                if (request.Headers.AccessControlRequestHeaders is { Count: > 0 } names)
                    headers.AccessControlAllowHeaders = names;
            }
        }

        if (isPreflight)
            context.Response.StatusCode = StatusCodes.Status200OK;
        return isPreflight;
    }

    /// <summary>An entry may hold one <c>*</c>: <c>https://*.example.com</c>.</summary>
    private bool IsListed(string origin) => _origins.Contains(origin) || _origins.Any(entry =>
        entry.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star
        && origin.Length >= entry.Length - 1
        && origin.StartsWith(entry[..star], StringComparison.OrdinalIgnoreCase)
        && origin.EndsWith(entry[(star + 1)..], StringComparison.OrdinalIgnoreCase));
}
