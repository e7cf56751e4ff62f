using System.Security.Cryptography;
using System.Text;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Hashes a body while it is read.</summary>
internal sealed class FingerprintStream(Stream body, string mediaType) : ReadStream
{
    private readonly IncrementalHash _hash = Begin(mediaType);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        _hash.AppendData(buffer.Span[..read]);
        return read;
    }

    /// <summary>SHA-256 of the media type and what was read.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }

    private static IncrementalHash Begin(string mediaType)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{mediaType}\0"));
        return hash;
    }
}
