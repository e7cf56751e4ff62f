namespace RealTimeMesh.Contracts.Containers;

/// <summary>A block unpacked: a buffer that grows as bytes really come, up to a limit, and is used again for the next block.</summary>
internal sealed class UnpackedBlock(int maxBytes)
{
    private const int FirstCapacity = 64 * 1024;

    private byte[] _bytes = [];

    public int MaxBytes => maxBytes;

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    public string TooLong => $"more than {maxBytes} bytes unpacked";

    /// <summary>Lets the block be the stored bytes themselves.</summary>
    public void Borrow(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>A buffer for exactly so many bytes, which become the block.</summary>
    public Span<byte> Take(int length)
    {
        if (_bytes.Length < length)
            _bytes = new byte[Math.Max(length, FirstCapacity)];
        Bytes = _bytes.AsMemory(0, length);
        return _bytes.AsSpan(0, length);
    }

    /// <summary>Reads a stream to its end. False where it is longer than the limit.</summary>
    public bool TryFill(Stream unpacked)
    {
        var length = 0;
        while (true)
        {
            if (length == _bytes.Length)
            {
                if (length > maxBytes)
                    return false;
                Array.Resize(ref _bytes, Math.Max(FirstCapacity, (int)Math.Min(_bytes.Length * 2L, maxBytes + 1L)));
            }

            var read = unpacked.Read(_bytes, length, _bytes.Length - length);
            if (read == 0)
                break;
            length += read;
        }

        Bytes = _bytes.AsMemory(0, length);
        return length <= maxBytes;
    }
}
