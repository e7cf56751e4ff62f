using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.ObjectStores.Gcs;

/// <summary>
/// Access tokens of Google's services: by a service account's key (a JWT signed with RS256), by a user's refresh token, or from the machine's
/// metadata server. Kept until five minutes before they end.
/// </summary>
internal sealed class GcsCredentials(string root, GcsOptions options, HttpClient http, TimeProvider time) : IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/devstorage.read_write";
    private static readonly TimeSpan s_early = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private string? _token;
    private DateTimeOffset _until;

    /// <summary>A token, or null where none is needed.</summary>
    public async Task<string?> TokenAsync(CancellationToken cancellationToken)
    {
        if (options.EmulatorHost is not null)
            return null;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_token is not null && now < _until - s_early)
                return _token;
            using var request = await RequestAsync(now, cancellationToken);
            using var answer = await http.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (!answer.IsSuccessStatusCode)
                throw new ObjectStoreException(root, $"no access token from {request.RequestUri}: {(int)answer.StatusCode} {text.Trim()}; expected valid credentials; check GOOGLE_APPLICATION_CREDENTIALS.", (int)answer.StatusCode >= 500);
            using var json = JsonDocument.Parse(text);
            _token = json.RootElement.GetProperty("access_token").GetString();
            _until = now + TimeSpan.FromSeconds(json.RootElement.GetProperty("expires_in").GetInt32());
            return _token;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<HttpRequestMessage> RequestAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (options.CredentialsFile is not { } file)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"http://{options.MetadataHost}/computeMetadata/v1/instance/service-accounts/default/token?scopes={Scope}");
            request.Headers.Add("Metadata-Flavor", "Google");
            return request;
        }

        try
        {
            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file, cancellationToken));
            var key = json.RootElement;
            return Text(key, "type") switch
            {
                "service_account" => Post(Text(key, "token_uri"), new() { ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer", ["assertion"] = Sign(key, now) }),
                "authorized_user" => Post("https://oauth2.googleapis.com/token", new() { ["grant_type"] = "refresh_token", ["client_id"] = Text(key, "client_id"), ["client_secret"] = Text(key, "client_secret"), ["refresh_token"] = Text(key, "refresh_token") }),
                var type => throw new FormatException($"credentials of type '{type}'"),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or FormatException or KeyNotFoundException or InvalidOperationException or CryptographicException or ArgumentException)
        {
            throw new ObjectStoreException(root, $"credentials file '{file}': {exception.Message}; expected the JSON key of a service account (or of a user); correct GOOGLE_APPLICATION_CREDENTIALS.", innerException: exception);
        }
    }

    private static HttpRequestMessage Post(string uri, Dictionary<string, string> form) => new(HttpMethod.Post, uri) { Content = new FormUrlEncodedContent(form) };

    private static string Sign(JsonElement key, DateTimeOffset now)
    {
        var issued = now.ToUnixTimeSeconds();
        var header = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = Text(key, "private_key_id") });
        var claims = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["iss"] = Text(key, "client_email"), ["scope"] = Scope, ["aud"] = Text(key, "token_uri"), ["iat"] = issued, ["exp"] = issued + 3600 });
        var signed = string.Create(CultureInfo.InvariantCulture, $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}");
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Text(key, "private_key"));
        return $"{signed}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");
}
