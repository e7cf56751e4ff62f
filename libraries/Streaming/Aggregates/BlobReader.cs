using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.Streaming;

/// <summary>Reads what <see cref="BlobWriter"/> wrote. Throws <see cref="StreamingException"/> on bytes it cannot have written.</summary>
internal ref struct BlobReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new StreamingException("stored view state: a number of more than 10 bytes; expected 10 at most; the state was written by something else or is damaged.");
    }

    /// <summary>A count of things of which each takes at least one byte.</summary>
    public int Count()
    {
        var count = Unsigned();
        return count <= (ulong)_rest.Length ? (int)count : throw Short();
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong Fixed() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Number()
    {
        var tagged = Unsigned();
        if ((tagged & 1) == 1)
            return BitConverter.Int64BitsToDouble((long)Fixed());
        var zigzag = tagged >> 1;
        return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
    }

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw Short();
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static StreamingException Short() =>
        new("stored view state: ends too early; expected a whole page; the state was written by something else or is damaged.");
}
