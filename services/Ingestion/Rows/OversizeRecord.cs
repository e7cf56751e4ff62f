using System.Security.Cryptography;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>What is kept of a record that is too long to be kept: its head, its length and its hash.</summary>
internal sealed class OversizeRecord(int keep) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _head = new byte[keep];
    private int _kept;

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Length += bytes.Length;
        var count = Math.Min(bytes.Length, keep - _kept);
        bytes[..count].CopyTo(_head.AsSpan(_kept));
        _kept += count;
    }

    public InputRecord Complete()
    {
        var record = new InputRecord(_head.AsSpan(0, _kept), Length, _hash.GetHashAndReset());
        _hash.Dispose();
        return record;
    }

    public void Dispose() => _hash.Dispose();
}
