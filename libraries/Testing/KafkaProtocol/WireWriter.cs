using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Writes the primitive types of Kafka's protocol into an answer.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public WireWriter Int8(int value) => Raw([(byte)value]);

    public WireWriter Boolean(bool value) => Raw([value ? (byte)1 : (byte)0]);

    public WireWriter Int16(int value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_bytes.GetSpan(2), (short)value);
        _bytes.Advance(2);
        return this;
    }

    public WireWriter Error(ErrorCode value) => Int16((short)value);

    public WireWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public WireWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public WireWriter String(string? value)
    {
        if (value is null)
            return Int16(-1);
        var text = Encoding.UTF8.GetBytes(value);
        return Int16(text.Length).Raw(text);
    }

    public WireWriter Bytes(ReadOnlySpan<byte> value) => Int32(value.Length).Raw(value);

    public WireWriter Array<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        Int32(items.Count);
        foreach (var item in items)
            write(item);
        return this;
    }

    /// <summary>Fields that only newer versions have.</summary>
    public WireWriter When(bool has, Action<WireWriter> write)
    {
        if (has)
            write(this);
        return this;
    }

    public WireWriter With(Action<WireWriter> write) => When(true, write);

    public WireWriter Raw(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }
}
