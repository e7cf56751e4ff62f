using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Warehouse.Security;

/// <summary>Key-pair authentication: an RS256 JWT whose issuer carries the public key's fingerprint. Without a configured key, loopback needs none and nobody else is let in.</summary>
internal sealed class BearerCheck : IDisposable
{
    private readonly RSA? _key;
    private readonly string _fingerprint = "";
    private readonly TimeProvider _time;

    public BearerCheck(WarehouseOptions options, TimeProvider time)
    {
        _time = time;
        if (options.PublicKey is not { } configured)
            return;
        var pem = configured.Contains("BEGIN", StringComparison.Ordinal) ? configured : File.ReadAllText(configured);
        _key = RSA.Create();
        try
        {
            _key.ImportFromPem(pem);
        }
        catch (ArgumentException exception)
        {
            throw new RealTimeMeshException("MESH_WAREHOUSE_PUBLIC_KEY: found no RSA key in it; expected PEM text or a PEM file (BEGIN PUBLIC KEY); export it with openssl rsa -pubout.", exception);
        }

        _fingerprint = $"SHA256:{Convert.ToBase64String(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()))}";
    }

    /// <summary>Why a request is refused; null where it is let in.</summary>
    public string? Refuse(HttpRequest request)
    {
        if (_key is null)
        {
            return request.HttpContext.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
                ? null
                : "no public key is configured, so only loopback is served; set MESH_WAREHOUSE_PUBLIC_KEY.";
        }

        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return "found no bearer token; expected 'Authorization: Bearer <JWT>'.";
        var kind = request.Headers["X-Snowflake-Authorization-Token-Type"].ToString();
        if (kind is not ("" or "KEYPAIR_JWT"))
            return $"token type '{kind}'; expected KEYPAIR_JWT.";
        return RefuseToken(header["Bearer ".Length..].Trim());
    }

    public void Dispose() => _key?.Dispose();

    private string? RefuseToken(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
            return "the token is no JWT.";
        try
        {
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
            if (head.RootElement.GetProperty("alg").GetString() != "RS256")
                return "the token's algorithm is not RS256.";
            var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
            if (!_key!.VerifyData(signed, Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
                return "the token's signature does not match the configured public key.";
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            if (claims.RootElement.GetProperty("exp").GetInt64() <= _time.GetUtcNow().ToUnixTimeSeconds())
                return "the token has expired.";
            return claims.RootElement.GetProperty("iss").GetString()?.EndsWith(_fingerprint, StringComparison.Ordinal) == true
                ? null
                : $"the token's issuer does not end in the key's fingerprint {_fingerprint}.";
        }
        catch (Exception exception) when (exception is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"the token cannot be read: {exception.Message}";
        }
    }
}
