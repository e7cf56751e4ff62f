using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.ObjectStores.Tests.Gcs;

/// <summary>Gives access tokens for assertions that a service account's key has signed, and to machines by the metadata server's path.</summary>
internal sealed class GcsTokens : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private int _given;

    public int Given => _given;

    /// <summary>Seconds for which a token holds.</summary>
    public int Lifetime { get; set; } = 3600;

    public void Dispose() => _key.Dispose();

    /// <summary>The JSON key file of the account, as Google gives it.</summary>
    public string KeyFile(string tokenUri) => JsonSerializer.Serialize(new
    {
        type = "service_account",
        project_id = "p",
        private_key_id = "k1",
        private_key = _key.ExportPkcs8PrivateKeyPem(),
        client_email = "lake@p.iam.gserviceaccount.com",
        token_uri = tokenUri,
    });

    public bool Admits(HttpRequest request) => request.Headers.Authorization == $"Bearer token-{_given}";

    public async Task HandleAsync(HttpContext context, byte[] body)
    {
        if (context.Request.Path == "/token" ? !IsSigned(Encoding.UTF8.GetString(body), context.Request) : context.Request.Headers["Metadata-Flavor"] != "Google")
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("""{"error":"invalid_grant"}""");
            return;
        }

        await context.Response.WriteAsJsonAsync(new { access_token = $"token-{Interlocked.Increment(ref _given)}", expires_in = Lifetime, token_type = "Bearer" });
    }

    private bool IsSigned(string form, HttpRequest request)
    {
        var fields = form.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        var parts = fields["assertion"].Split('.');
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        var root = claims.RootElement;
        return fields["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
            && header.RootElement.GetProperty("alg").GetString() == "RS256"
            && _key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            && root.GetProperty("iss").GetString() == "lake@p.iam.gserviceaccount.com"
            && root.GetProperty("aud").GetString() == $"{request.Scheme}://{request.Host}/token"
            && root.GetProperty("scope").GetString()!.Contains("devstorage", StringComparison.Ordinal)
            && root.GetProperty("exp").GetInt64() - root.GetProperty("iat").GetInt64() <= 3600;
    }
}
