using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace RealTimeMesh.Contracts;

/// <summary>
/// A position in a Protobuf message. Every read checks its bounds; a read that fails sets <see cref="Error"/> and returns
/// false, so that hostile bytes cost no exception.
/// </summary>
internal ref struct ProtoCursor(ReadOnlySpan<byte> data)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Length = 2;
    public const int StartGroup = 3;
    public const int EndGroup = 4;
    public const int Fixed32 = 5;

    /// <summary>Groups within groups; Google's parsers admit 100.</summary>
    private const int MaxDepth = 100;

    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    /// <summary>What is wrong, or null.</summary>
    public string? Error { get; private set; }

    public readonly bool AtEnd => _position >= _data.Length;

    public readonly int Position => _position;

    public readonly int Remaining => _data.Length - _position;

    public bool TryReadTag(out int number, out int wire)
    {
        number = wire = 0;
        var start = _position;
        if (!TryReadVarint(out var tag))
            return false;

        number = (int)(tag >> 3);
        wire = (int)(tag & 7);
        if (tag > uint.MaxValue || number == 0)
            return Fail($"field number {tag >> 3} at byte {start}");

        return wire <= Fixed32 || Fail($"wire type {wire} of field {number} at byte {start}");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadVarint(out ulong value)
    {
        if ((uint)_position < (uint)_data.Length && _data[_position] < 0x80)
        {
            value = _data[_position++];
            return true;
        }

        return TryReadVarintSlow(out value);
    }

    public bool TryReadFixed32(out uint value)
    {
        value = 0;
        if (Remaining < sizeof(uint))
            return Fail($"end of the message at byte {_data.Length}, within 4 bytes from byte {_position}");

        value = BinaryPrimitives.ReadUInt32LittleEndian(_data[_position..]);
        _position += sizeof(uint);
        return true;
    }

    public bool TryReadFixed64(out ulong value)
    {
        value = 0;
        if (Remaining < sizeof(ulong))
            return Fail($"end of the message at byte {_data.Length}, within 8 bytes from byte {_position}");

        value = BinaryPrimitives.ReadUInt64LittleEndian(_data[_position..]);
        _position += sizeof(ulong);
        return true;
    }

    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        var start = _position;
        if (!TryReadVarint(out var length))
            return false;

        if (length > (ulong)Remaining)
            return Fail($"length {length} at byte {start}, of which {Remaining} bytes are there");

        bytes = _data.Slice(_position, (int)length);
        _position += (int)length;
        return true;
    }

    /// <summary>Passes over a value, with what stands in it where it is a group.</summary>
    public bool TrySkip(int number, int wire) => TrySkip(number, wire, MaxDepth);

    public bool Fail(string error)
    {
        Error ??= error;
        return false;
    }

    private bool TrySkip(int number, int wire, int depth)
    {
        switch (wire)
        {
            case Varint: return TryReadVarint(out _);
            case Fixed64: return TryReadFixed64(out _);
            case Length: return TryReadBytes(out _);
            case Fixed32: return TryReadFixed32(out _);
            case EndGroup: return Fail($"end of group {number} at byte {_position}, which did not begin");
        }

        if (depth == 0)
            return Fail("groups nested too deep");

        while (true)
        {
            if (AtEnd)
                return Fail($"end of the message at byte {_data.Length}, within group {number}");

            if (!TryReadTag(out var inner, out var innerWire))
                return false;

            if (innerWire == EndGroup)
                return inner == number || Fail($"end of group {inner} at byte {_position}, within group {number}");

            if (!TrySkip(inner, innerWire, depth - 1))
                return false;
        }
    }

    private bool TryReadVarintSlow(out ulong value)
    {
        value = 0;
        var start = _position;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (AtEnd)
                return Fail($"end of the message at byte {_data.Length}, within the integer from byte {start}");

            var b = _data[_position++];
            // The tenth byte holds bit 63 alone.
            if (shift == 63 && b > 1)
                break;

            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return true;
        }

        return Fail($"integer of more than 64 bits at byte {start}");
    }
}
