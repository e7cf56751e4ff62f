using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Administration;

/// <summary>
/// Lets in whoever brings the token, where <c>MESH_ADMIN_TOKEN</c> is set; without one only callers of this
/// machine, who named it by a loopback address (a page of another site in a browser cannot).
/// </summary>
/// <param name="refuse">The answer to all others.</param>
public sealed class AdminGuard(string? token, Refusal refuse) : IEndpointFilter
{
    private readonly byte[]? _token = string.IsNullOrEmpty(token) ? null : Hash(token);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (_token is null)
        {
            return IsLocal(http)
                ? await next(context)
                : refuse(StatusCodes.Status403Forbidden, "caller", $"'{http.Connection.RemoteIpAddress}' asking '{http.Request.Host}'", "one on this machine while MESH_ADMIN_TOKEN is not set", "set MESH_ADMIN_TOKEN and send it as a bearer token");
        }

        var bearer = http.Request.Headers.Authorization.ToString();
        return bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(Hash(bearer["Bearer ".Length..].Trim()), _token)
            ? await next(context)
            : refuse(StatusCodes.Status401Unauthorized, "authorization", bearer.Length == 0 ? "nothing" : "another token", "the token of MESH_ADMIN_TOKEN", "send it as 'Authorization: Bearer …'");
    }

    private static bool IsLocal(HttpContext http) =>
        (http.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote))
        && http.Request.Host.Host.Trim('[', ']') is var host
        && (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>An answer that says what stood against a request.</summary>
public delegate IResult Refusal(int status, string thing, string found, string expected, string cure);
