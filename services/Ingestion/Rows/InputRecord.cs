namespace RealTimeMesh.Ingestion.Rows;

/// <summary>
/// One record as it arrived. Of a record beyond the keep limit only the head is here, with the length
/// and the SHA-256 of the whole.
/// </summary>
internal readonly ref struct InputRecord(ReadOnlySpan<byte> bytes, long length, byte[]? sha256)
{
    public InputRecord(ReadOnlySpan<byte> bytes)
        : this(bytes, bytes.Length, null)
    {
    }

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Length of the whole record in bytes.</summary>
    public long Length { get; } = length;

    /// <summary>Hash of the whole record where <see cref="Bytes"/> is only its head; null otherwise.</summary>
    public byte[]? Sha256 { get; } = sha256;
}
