using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Snowflake;

/// <summary>Signs the JWTs of key-pair authentication and renews them before they expire.</summary>
internal sealed class KeyPairToken : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(50);
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(5);

    private readonly RSA _key = RSA.Create();
    private readonly string _subject;
    private readonly string _issuer;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private string _token = "";
    private DateTimeOffset _expires = DateTimeOffset.MinValue;

    public KeyPairToken(SnowflakeOptions options, TimeProvider time)
    {
        if (options.Account is null || options.User is null)
            throw new RealTimeMeshException("snowflake: a private key is set without account and user; expected all three; set Account and User.");
        _time = time;
        try
        {
            _key.ImportFromPem(options.PrivateKeyPem);
        }
        catch (ArgumentException exception)
        {
            _key.Dispose();
            throw new RealTimeMeshException("snowflake: the private key is no unencrypted RSA key in PEM; expected BEGIN PRIVATE KEY; export it with openssl pkcs8 -topk8 -nocrypt.", exception);
        }

        // A region behind the account's name is no part of the subject.
        _subject = $"{options.Account.Split('.')[0]}.{options.User}".ToUpperInvariant();
        _issuer = $"{_subject}.SHA256:{Convert.ToBase64String(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()))}";
    }

    public string Current()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (now + Renewal < _expires)
                return _token;
            _expires = now + Lifetime;
            var head = Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8);
            var claims = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
            {
                ["iss"] = _issuer,
                ["sub"] = _subject,
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = _expires.ToUnixTimeSeconds(),
            }));
            var signature = _key.SignData(Encoding.ASCII.GetBytes($"{head}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return _token = $"{head}.{claims}.{Base64Url.EncodeToString(signature)}";
        }
    }

    public void Dispose() => _key.Dispose();
}
