using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace RealTimeMesh.Contracts;

/// <summary>
/// A position in an Avro binary payload. Every read checks its bounds; a read that fails sets <see cref="Error"/> and
/// returns false, so that hostile bytes cost no exception.
/// </summary>
internal ref struct AvroCursor(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    /// <summary>What is wrong, or null.</summary>
    public string? Error { get; private set; }

    public readonly int Remaining => _data.Length - _position;

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
