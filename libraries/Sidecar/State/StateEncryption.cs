using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.State;

/// <summary>
/// Encryption of a store's values as daprd does it: AES-GCM with a nonce of 12 bytes in front and the tag of 16 behind, in base64,
/// then <c>||</c> and the name of the secret that holds the key. The secondary key only reads: rotate by making the
/// primary one secondary.
/// </summary>
internal sealed class StateEncryption
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly string _store;
    private readonly EncryptionKey _primary;
    private readonly EncryptionKey? _secondary;

    private StateEncryption(string store, EncryptionKey primary, EncryptionKey? secondary)
    {
        _store = store;
        _primary = primary;
        _secondary = secondary;
    }

    /// <summary>Null where the component asks for none. Throws where a key cannot be used.</summary>
    public static StateEncryption? Of(ComponentSpec spec) =>
        EncryptionKey.Of(spec, "primaryEncryptionKey") is { } primary ? new StateEncryption(spec.Name, primary, EncryptionKey.Of(spec, "secondaryEncryptionKey")) : null;

    public byte[] Encrypt(ReadOnlySpan<byte> value)
    {
        var sealedValue = new byte[NonceBytes + value.Length + TagBytes];
        RandomNumberGenerator.Fill(sealedValue.AsSpan(0, NonceBytes));
        using (var cipher = new AesGcm(_primary.Bytes, TagBytes))
        {
            var rest = sealedValue.AsSpan(NonceBytes);
            cipher.Encrypt(sealedValue.AsSpan(0, NonceBytes), value, rest[..value.Length], rest[value.Length..]);
        }

        return Encoding.UTF8.GetBytes($"{Convert.ToBase64String(sealedValue)}{StateComponent.Separator}{_primary.Name}");
    }

    /// <summary>Throws <see cref="StateEncryptionException"/> where the value is not one that these keys have written.</summary>
    public byte[] Decrypt(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
            return [];
        var separator = stored.LastIndexOf("||"u8);
        var name = separator < 0 ? "" : Encoding.UTF8.GetString(stored[(separator + 2)..]);
        if (name.Length == 0)
            throw new StateEncryptionException($"could not decrypt data for state store {_store}: encryption key name not found on record");
        var key = name == _primary.Name ? _primary : name == _secondary?.Name ? _secondary
            : throw new StateEncryptionException($"could not decrypt data for state store {_store}: found key name '{name}'; expected that of the primary or the secondary key");
        var text = Encoding.ASCII.GetString(stored[..separator]);
        var sealedValue = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, sealedValue, out var length) || length < NonceBytes + TagBytes)
            throw new StateEncryptionException($"could not decrypt data for state store {_store}: the record is no base64 of nonce, value and tag");
        var value = new byte[length - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(key.Bytes, TagBytes);
            cipher.Decrypt(sealedValue.AsSpan(0, NonceBytes), sealedValue.AsSpan(NonceBytes, value.Length), sealedValue.AsSpan(length - TagBytes, TagBytes), value);
            return value;
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new StateEncryptionException("cipher: message authentication failed", exception);
        }
    }
}

/// <summary>A stored value cannot be decrypted.</summary>
internal sealed class StateEncryptionException(string message, Exception? innerException = null) : RealTimeMeshException(message, innerException);
