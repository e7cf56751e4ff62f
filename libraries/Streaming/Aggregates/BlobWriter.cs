using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.Streaming;

/// <summary>Compact binary form of accumulators: variable-length integers, doubles that are whole numbers as integers.</summary>
internal sealed class BlobWriter
{
    private byte[] _buffer = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        Reserve(1);
        _buffer[Length++] = value;
    }

    public void Unsigned(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Length++] = (byte)value;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Fixed(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(Length), value);
        Length += 8;
    }

    /// <summary>A double, exactly. Whole numbers up to 2^52 take 1 to 8 bytes, others 9.</summary>
    public void Number(double value)
    {
        var whole = (long)value;
        if (whole == value && whole is > -(1L << 52) and < 1L << 52 && !(whole == 0 && double.IsNegative(value)))
        {
            Unsigned((ulong)((whole << 1) ^ (whole >> 63)) << 1);
            return;
        }

        Unsigned(1);
        Fixed((ulong)BitConverter.DoubleToInt64Bits(value));
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Unsigned((ulong)length);
        Reserve(length);
        Length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(Length));
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(Length));
        Length += value.Length;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - Length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
    }
}
