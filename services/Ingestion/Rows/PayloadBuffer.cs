using System.Buffers;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>
/// A growing buffer that many payloads are written to one after the other; it is reused from batch to batch, so
/// that a warm batch allocates no payloads. Slices are taken once all is written, because growing moves the bytes.
/// </summary>
/// <param name="capacity">First size, bytes.</param>
/// <param name="kept">A buffer that has grown beyond this is not kept for the next batch.</param>
internal sealed class PayloadBuffer(int capacity, int kept) : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public int Capacity => _bytes.Length;

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public ReadOnlyMemory<byte> Slice(int start, int length) => _bytes.AsMemory(start, length);

    /// <summary>Takes back everything from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Empties the buffer; one that a rare batch of giants has blown up goes back to its first size.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > kept)
            _bytes = new byte[capacity];
    }

    private void Reserve(int sizeHint)
    {
        var needed = Length + Math.Max(sizeHint, 256);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
    }
}
