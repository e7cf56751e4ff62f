using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Reads the primitive types of Kafka's protocol from a request.</summary>
internal sealed class WireReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public bool AtEnd => _rest.IsEmpty;

    public sbyte Int8() => (sbyte)Take(1).Span[0];

    public bool Boolean() => Take(1).Span[0] != 0;

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2).Span);

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4).Span);

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8).Span);

    public string String() => NullableString() ?? throw new WireException("found no string; expected one");

    public string? NullableString() => Int16() is >= 0 and var length ? Encoding.UTF8.GetString(Take(length).Span) : null;

    public ReadOnlyMemory<byte>? NullableBytes() => Int32() is >= 0 and var length ? Take(length) : null;

    public ReadOnlyMemory<byte> Bytes() => NullableBytes() ?? throw new WireException("found no bytes; expected some");

    public T[] Array<T>(Func<T> item) => NullableArray(item) ?? [];

    /// <summary>Null and empty arrays differ: for most requests null means everything.</summary>
    public T[]? NullableArray<T>(Func<T> item)
    {
        var count = Int32();
        if (count < 0)
            return null;
        // Every item takes a byte at least.
        if (count > _rest.Length)
            throw new WireException($"found an array of {count} items in {_rest.Length} bytes; expected at most as many items as bytes");
        var items = new T[count];
        for (var i = 0; i < count; i++)
            items[i] = item();
        return items;
    }

    /// <summary>A zigzag-encoded number of a record.</summary>
    public long VarInt()
    {
        ulong raw = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1).Span[0];
            raw |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(raw >> 1) ^ -(long)(raw & 1);
        }

        throw new WireException("found a variable-length number of more than ten bytes; expected at most ten");
    }

    public ReadOnlyMemory<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
            throw new WireException($"found {_rest.Length} bytes; expected {count} more");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

/// <summary>Bytes that are no request of Kafka's protocol. The connection is closed, as a broker does.</summary>
internal sealed class WireException(string message) : Exception(message);
