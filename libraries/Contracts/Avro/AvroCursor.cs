using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace RealTimeMesh.Contracts;

/// <summary>
/// A position in an Avro binary payload. Every read checks its bounds; a read that fails sets <see cref="Error"/> and
/// returns false, so that hostile bytes cost no exception.
/// </summary>
internal ref struct AvroCursor(ReadOnlySpan<byte> data, AvroLimits limits)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;
    private int _depth = limits.MaxDepth;
    private long _items = (long)data.Length + limits.MaxEmptyItems;

    public AvroCursor(ReadOnlySpan<byte> data)
        : this(data, AvroLimits.Default)
    {
    }

    /// <summary>What is wrong, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>Where it is wrong: fields joined by dots, items in brackets; null for the whole value.</summary>
    public string? Path { get; private set; }

    public readonly int Remaining => _data.Length - _position;

    public readonly int Position => _position;

    /// <summary><see cref="Error"/> with its place.</summary>
    public readonly string Describe() => Path is null ? Error! : $"field '{Path}': {Error}";

    /// <summary>Names the part in which a read has failed, innermost first; returns false.</summary>
    public bool FailedAt(string part)
    {
        Path = Path is null ? part : Path[0] == '[' ? part + Path : $"{part}.{Path}";
        return false;
    }

    /// <summary>Goes into a value with parts; <see cref="Leave"/> goes out of it.</summary>
    public bool TryEnter() => --_depth >= 0 || Fail("values nested too deep");

    public void Leave() => _depth++;

    /// <summary>Reads the head of a block of an array or map: the number of its items, 0 behind the last.</summary>
    /// <param name="count">Items of the block.</param>
    /// <param name="bytes">Length of the block in bytes where the writer gave it; -1 where not.</param>
    public bool TryReadBlock(out long count, out long bytes)
    {
        bytes = -1;
        if (!TryReadLong(out count) || count == 0)
            return Error is null;

        // A negative count is followed by the block's length in bytes.
        if (count < 0)
        {
            if (count == long.MinValue)
                return Fail($"block of {count} items");

            count = -count;
            if (!TryReadLong(out bytes))
                return false;

            if (bytes < 0 || bytes > Remaining)
                return Fail($"block of {bytes} bytes beyond the end of the payload");
        }

        if (count > _items)
            return Fail($"block of {count} items, more than the payload can hold");

        _items -= count;
        return true;
    }

    public bool Fail(string error)
    {
        Error = error;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadByte(out byte value)
    {
        if ((uint)_position < (uint)_data.Length)
        {
            value = _data[_position++];
            return true;
        }

        value = 0;
        return Fail("payload ends early");
    }

    /// <summary>Zig-zag variable-length integer of at most 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadLong(out long value)
    {
        if ((uint)_position < (uint)_data.Length && _data[_position] < 0x80)
        {
            var small = (uint)_data[_position++];
            value = (int)(small >> 1) ^ -(int)(small & 1);
            return true;
        }

        return TryReadLongSlow(out value);
    }

    public bool TryReadInt(out int value)
    {
        if (!TryReadLong(out var wide))
        {
            value = 0;
            return false;
        }

        value = (int)wide;
        return value == wide || Fail("integer of more than 32 bits");
    }

    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!TryReadLong(out var length))
            return false;

        if (length < 0)
            return Fail($"negative length {length}");

        return length <= Remaining ? TryReadFixed((int)length, out bytes) : Fail($"length {length} beyond the end of the payload");
    }

    public bool TryReadFixed(int length, out ReadOnlySpan<byte> bytes)
    {
        if (length > Remaining)
        {
            bytes = default;
            return Fail("payload ends early");
        }

        bytes = _data.Slice(_position, length);
        _position += length;
        return true;
    }

    public bool TryReadFloat(out float value)
    {
        var read = TryReadFixed(sizeof(float), out var bytes);
        value = read ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : 0;
        return read;
    }

    public bool TryReadDouble(out double value)
    {
        var read = TryReadFixed(sizeof(double), out var bytes);
        value = read ? BinaryPrimitives.ReadDoubleLittleEndian(bytes) : 0;
        return read;
    }

    private bool TryReadLongSlow(out long value)
    {
        ulong bits = 0;
        value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (!TryReadByte(out var b))
                return false;

            // The tenth byte holds bit 63 alone.
            if (shift == 63 && b > 1)
                return Fail("integer of more than 64 bits");

            bits |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                value = (long)(bits >> 1) ^ -(long)(bits & 1);
                return true;
            }
        }

        return Fail("integer of more than 64 bits");
    }
}
