using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.Components;

/// <summary>
/// The headers of a message as one UTF-8 block: for each header a 2-byte little-endian name length, the name,
/// a 4-byte little-endian value length, the value. A block is written once and travels from the
/// publisher's request to the subscriber's without a dictionary or a string being made for each message.
/// </summary>
public readonly struct MessageHeaders(ReadOnlyMemory<byte> block)
{
    /// <summary>No headers.</summary>
    public static MessageHeaders Empty => default;

    /// <summary>The encoded block, as a broker stores it.</summary>
    public ReadOnlyMemory<byte> Block { get; } = block;

    public bool IsEmpty => Block.IsEmpty;

    /// <summary>Encodes name and value pairs.</summary>
    public static MessageHeaders From(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var (name, value) in pairs)
            Append(buffer, name, value);
        return new MessageHeaders(buffer.WrittenMemory);
    }

    /// <summary>Appends one header to a block that is being written.</summary>
    public static void Append(IBufferWriter<byte> output, string name, string value)
    {
        var nameLength = Encoding.UTF8.GetByteCount(name);
        var valueLength = Encoding.UTF8.GetByteCount(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nameLength, ushort.MaxValue, nameof(name));
        var span = output.GetSpan(2 + nameLength + 4 + valueLength);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)nameLength);
        Encoding.UTF8.GetBytes(name, span[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(span[(2 + nameLength)..], valueLength);
        Encoding.UTF8.GetBytes(value, span[(6 + nameLength)..]);
        output.Advance(6 + nameLength + valueLength);
    }

    /// <summary>Appends one header whose value is bytes.</summary>
    public static void Append(IBufferWriter<byte> output, string name, ReadOnlySpan<byte> value)
    {
        var nameLength = Encoding.UTF8.GetByteCount(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nameLength, ushort.MaxValue, nameof(name));
        var span = output.GetSpan(2 + nameLength + 4 + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)nameLength);
        Encoding.UTF8.GetBytes(name, span[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(span[(2 + nameLength)..], value.Length);
        value.CopyTo(span[(6 + nameLength)..]);
        output.Advance(6 + nameLength + value.Length);
    }

    /// <summary>The value of the first header of that name, or null.</summary>
    public string? Find(string name)
    {
        Span<byte> wanted = stackalloc byte[Math.Min(256, Encoding.UTF8.GetMaxByteCount(name.Length))];
        if (!Encoding.UTF8.TryGetBytes(name, wanted, out var length))
            return null;
        foreach (var header in this)
        {
            if (header.Name.SequenceEqual(wanted[..length]))
                return Encoding.UTF8.GetString(header.Value);
        }

        return null;
    }

    /// <summary>The headers as a dictionary; the last of a repeated name wins. For APIs that need one, not for the hot path.</summary>
    public Dictionary<string, string> ToDictionary()
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in this)
            result[Encoding.UTF8.GetString(header.Name)] = Encoding.UTF8.GetString(header.Value);
        return result;
    }

    public Enumerator GetEnumerator() => new(Block.Span);

    /// <summary>One header, as UTF-8.</summary>
    public readonly ref struct Header(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        public ReadOnlySpan<byte> Name { get; } = name;

        public ReadOnlySpan<byte> Value { get; } = value;
    }

    /// <summary>Walks the block.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public Header Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
            var name = _rest.Slice(2, nameLength);
            var valueLength = BinaryPrimitives.ReadInt32LittleEndian(_rest[(2 + nameLength)..]);
            var value = _rest.Slice(6 + nameLength, valueLength);
            _rest = _rest[(6 + nameLength + valueLength)..];
            Current = new Header(name, value);
            return true;
        }
    }
}
