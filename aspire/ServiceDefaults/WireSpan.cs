using System.Buffers.Text;
using System.Text;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>Writes Protobuf's wire format into a span that is long enough.</summary>
internal ref struct WireSpan(Span<byte> output)
{
    private const int LengthDelimited = 2;

    private Span<byte> _output = output;

    public readonly int Left => _output.Length;

    /// <summary>Begins a field of so many bytes.</summary>
    public void Tag(int field, int length)
    {
        _output[0] = (byte)((field << 3) | LengthDelimited);
        _output = _output[1..];
        var rest = (uint)length;
        var count = 0;
        for (; rest >= 0x80; rest >>= 7)
            _output[count++] = (byte)(rest | 0x80);
        _output[count++] = (byte)rest;
        _output = _output[count..];
    }

    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_output);
        _output = _output[bytes.Length..];
    }

    public void Text(string text, int length)
    {
        Encoding.UTF8.GetBytes(text, _output);
        _output = _output[length..];
    }

    /// <summary>Decimal digits.</summary>
    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, _output, out var written);
        _output = _output[written..];
    }
}

/// <summary>Lengths as Protobuf writes them.</summary>
internal static class Varint
{
    public static int Length(int value) => ((int)uint.Log2((uint)value | 1) / 7) + 1;
}
