using Apache.Arrow;
using Apache.Arrow.Types;

namespace RealTimeMesh.Contracts.Columnar;

/// <summary>Values of one width, which are counted by the row.</summary>
internal sealed class FixedSink<T>(IArrowType type) : ArrowSink(type)
    where T : unmanaged
{
    private T[] _values = [];

    public void Append(T value)
    {
        Put(value);
        Mark();
    }

    protected override void AppendEmpty() => Put(default);

    protected override void TruncateValues(int count)
    {
    }

    protected override ArrayData BuildData(ArrowBuffer validity) => new(Type, Count, NullCount, 0, [validity, Copy(_values, Count)]);

    private void Put(T value)
    {
        if (Count == _values.Length)
            System.Array.Resize(ref _values, Math.Max(64, Count * 2));

        _values[Count] = value;
    }
}

internal sealed class BooleanSink() : ArrowSink(BooleanType.Default)
{
    private byte[] _bits = [];

    public void Append(bool value)
    {
        Put(value);
        Mark();
    }

    protected override void AppendEmpty() => Put(false);

    protected override void TruncateValues(int count)
    {
    }

    protected override ArrayData BuildData(ArrowBuffer validity) => new(Type, Count, NullCount, 0, [validity, Copy(_bits, (Count + 7) / 8)]);

    private void Put(bool value)
    {
        var at = Count >> 3;
        if (at == _bits.Length)
            System.Array.Resize(ref _bits, Math.Max(64, at * 2));

        var bit = (byte)(1 << (Count & 7));
        _bits[at] = value ? (byte)(_bits[at] | bit) : (byte)(_bits[at] & ~bit);
    }
}

/// <summary>Texts or bytes. An array holds at most 2 GB.</summary>
internal sealed class BinarySink(IArrowType type) : ArrowSink(type)
{
    private byte[] _data = [];
    private int[] _offsets = new int[64];

    public void Append(ReadOnlySpan<byte> value)
    {
        var start = _offsets[Count];
        var end = checked(start + value.Length);
        if (end > _data.Length)
            System.Array.Resize(ref _data, Math.Max(end, (int)Math.Min((long)_data.Length * 2, System.Array.MaxLength)));

        value.CopyTo(_data.AsSpan(start));
        Put(end);
        Mark();
    }

    protected override void AppendEmpty() => Put(_offsets[Count]);

    protected override void TruncateValues(int count)
    {
    }

    protected override ArrayData BuildData(ArrowBuffer validity) => new(Type, Count, NullCount, 0, [validity, Copy(_offsets, Count + 1), Copy(_data, _offsets[Count])]);

    private void Put(int end)
    {
        if (Count + 1 == _offsets.Length)
            System.Array.Resize(ref _offsets, _offsets.Length * 2);

        _offsets[Count + 1] = end;
    }
}

/// <summary>Decimals: little-endian two's complement of 16 or 32 bytes.</summary>
internal sealed class DecimalSink(FixedSizeBinaryType type) : ArrowSink(type)
{
    private readonly int _width = type.ByteWidth;
    private byte[] _data = [];

    /// <summary>Takes Avro's big-endian form; false where it is too long.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bigEndian)
    {
        if (bigEndian.IsEmpty)
            return false;

        var sign = (bigEndian[0] & 0x80) != 0 ? (byte)0xFF : (byte)0;
        while (bigEndian.Length > _width)
        {
            if (bigEndian[0] != sign || ((bigEndian[1] ^ sign) & 0x80) != 0)
                return false;

            bigEndian = bigEndian[1..];
        }

        var place = Place();
        for (var i = 0; i < bigEndian.Length; i++)
            place[i] = bigEndian[bigEndian.Length - 1 - i];

        place[bigEndian.Length..].Fill(sign);
        Mark();
        return true;
    }

    protected override void AppendEmpty() => Place().Clear();

    protected override void TruncateValues(int count)
    {
    }

    protected override ArrayData BuildData(ArrowBuffer validity) => new(Type, Count, NullCount, 0, [validity, Copy(_data, Count * _width)]);

    private Span<byte> Place()
    {
        if ((Count + 1) * _width > _data.Length)
            System.Array.Resize(ref _data, Math.Max(64 * _width, _data.Length * 2));

        return _data.AsSpan(Count * _width, _width);
    }
}
