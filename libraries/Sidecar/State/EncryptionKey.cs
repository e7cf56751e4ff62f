using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.State;

/// <summary>A key and the name of the secret it came from, which stands behind every value it encrypted.</summary>
internal sealed record EncryptionKey(string Name, byte[] Bytes)
{
    /// <summary>Null where the component has no such setting.</summary>
    public static EncryptionKey? Of(ComponentSpec spec, string setting)
    {
        if (!spec.Metadata.TryGetValue(setting, out var text) || text.Length == 0)
            return null;
        // daprd would store values in the clear without a secret's name; nobody who sets a key wants that.
        var name = spec.Settings.FirstOrDefault(written => written.Name.Equals(setting, StringComparison.OrdinalIgnoreCase))?.SecretName;
        if (string.IsNullOrEmpty(name))
            throw new RealTimeMeshException($"component '{spec.Name}': {setting} holds the key itself; expected a secretKeyRef and auth.secretStore, for the secret's name is stored with each value");
        return new EncryptionKey(name, Read(spec.Name, setting, text));
    }

    private static byte[] Read(string component, string setting, string text)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromHexString(text);
        }
        catch (FormatException exception)
        {
            throw new RealTimeMeshException($"component '{component}': {setting} is no hexadecimal text of even length; expected an AES key of 16, 24 or 32 bytes in hexadecimal", exception);
        }

        return bytes.Length is 16 or 24 or 32
            ? bytes
            : throw new RealTimeMeshException($"component '{component}': {setting}: crypto/aes: invalid key size {bytes.Length}; expected 16, 24 or 32 bytes");
    }
}
