using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Topics.Requests;

/// <summary>
/// Lets in whoever brings the token, where <c>MESH_ADMIN_TOKEN</c> is set; without one only callers of this machine, who named it by a
/// loopback address (a page of another site in a browser cannot). Reading counts too: topics hold what their producers put there.
/// </summary>
internal sealed class AdminGuard(string? token) : IEndpointFilter
{
    private readonly byte[]? _token = string.IsNullOrEmpty(token) ? null : Hash(token);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (_token is null)
        {
            return IsLocal(http)
                ? await next(context)
                : Results.Json(new ErrorAnswer($"caller: found '{http.Connection.RemoteIpAddress}' asking '{http.Request.Host}'; expected one on this machine while MESH_ADMIN_TOKEN is not set; set MESH_ADMIN_TOKEN and send it as a bearer token."), statusCode: StatusCodes.Status403Forbidden);
        }

        var bearer = http.Request.Headers.Authorization.ToString();
        return bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(Hash(bearer["Bearer ".Length..].Trim()), _token)
            ? await next(context)
            : Results.Json(new ErrorAnswer($"authorization: found {(bearer.Length == 0 ? "nothing" : "another token")}; expected the token of MESH_ADMIN_TOKEN; send it as 'Authorization: Bearer …'."), statusCode: StatusCodes.Status401Unauthorized);
    }

    private static bool IsLocal(HttpContext http) =>
        (http.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote))
        && http.Request.Host.Host.Trim('[', ']') is var host
        && (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>The answer to a request that is refused.</summary>
public sealed record ErrorAnswer(string Error);
