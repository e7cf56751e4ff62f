using System.Buffers.Binary;
using System.Text;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Decoding;

/// <summary>Reads the parts of one message of the log; throws where it ends too early.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public string Text()
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
            throw Short();
        var text = Encoding.UTF8.GetString(_rest[..end]);
        _rest = _rest[(end + 1)..];
        return text;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
            throw Short();
        var part = _rest[..count];
        _rest = _rest[count..];
        return part;
    }

    private static ChangeCaptureException Short() =>
        new("pgoutput: found a message that ends before its last part; expected a whole one. The connection is made anew.");
}
