using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.Ingestion.Keys;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Hashes a body while it is read, and its beginning apart, by which a body that was cut off is known again.</summary>
internal sealed class FingerprintStream(Stream body, string mediaType) : ReadStream
{
    /// <summary>So much of a body is its beginning, bytes.</summary>
    public const int MaxHeadBytes = 64 * 1024;

    private readonly IncrementalHash _hash = Begin(mediaType);
    private readonly IncrementalHash _headHash = Begin(mediaType);
    private ReadOnlyMemory<byte> _ahead;
    private BodyHead? _head;
    private int _headBytes;

    /// <summary>The beginning, once it is whole. May be asked while the body is read.</summary>
    public BodyHead? Head => Volatile.Read(ref _head);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_ahead.IsEmpty)
        {
            var count = Math.Min(buffer.Length, _ahead.Length);
            _ahead[..count].CopyTo(buffer);
            _ahead = _ahead[count..];
            return count;
        }

        var read = await body.ReadAsync(buffer, cancellationToken);
        Add(buffer.Span[..read]);
        return read;
    }

    /// <summary>Reads so much of the body before it is read by others. False where its beginning is another than <paramref name="expected"/>.</summary>
    public async Task<bool> BeginsAsync(BodyHead expected, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Clamp(expected.Bytes, 0, MaxHeadBytes)];
        var length = 0;
        while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            length += read;
        Add(buffer.AsSpan(0, length));
        _ahead = buffer.AsMemory(0, length);
        return length == expected.Bytes && Text(_headHash) == expected.Hash;
    }

    /// <summary>SHA-256 of the media type and what was read.</summary>
    public string Fingerprint() => Text(_hash);

    /// <summary>The beginning as far as it was read. Not to be asked while the body is read.</summary>
    public BodyHead HeadSoFar() => Head ?? new BodyHead(_headBytes, Text(_headHash));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            _headHash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        if (_headBytes == MaxHeadBytes)
            return;
        var part = bytes[..Math.Min(bytes.Length, MaxHeadBytes - _headBytes)];
        _headHash.AppendData(part);
        _headBytes += part.Length;
        if (_headBytes == MaxHeadBytes)
            Volatile.Write(ref _head, new BodyHead(_headBytes, Text(_headHash)));
    }

    private static string Text(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetCurrentHash());

    private static IncrementalHash Begin(string mediaType)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{mediaType}\0"));
        return hash;
    }
}
