using Apache.Arrow;
using Apache.Arrow.Types;

namespace RealTimeMesh.Contracts.Columnar;

/// <summary>A growing Arrow array. Rows can be taken back, so that a payload that turns out to be bad leaves no trace.</summary>
internal abstract class ArrowSink(IArrowType type)
{
    private byte[] _validity = [];

    public IArrowType Type { get; } = type;

    public int Count { get; private set; }

    public int NullCount { get; private set; }

    /// <summary>Appends a null, in the parts of the value too.</summary>
    public void AppendNull()
    {
        AppendEmpty();
        Mark(valid: false);
    }

    /// <summary>Takes back rows, and what parts hold of a row that was not closed.</summary>
    public void Truncate(int count)
    {
        for (var i = count; i < Count; i++)
            NullCount -= IsValid(i) ? 0 : 1;

        Count = count;
        TruncateValues(count);
    }

    /// <summary>Makes the array of all rows and forgets them.</summary>
    public ArrayData Build()
    {
        var validity = NullCount == 0 ? ArrowBuffer.Empty : Copy(_validity, (Count + 7) / 8);
        var data = BuildData(validity);
        (Count, NullCount) = (0, 0);
        TruncateValues(0);
        return data;
    }

    /// <summary>Counts a row whose value has been appended.</summary>
    protected void Mark(bool valid = true)
    {
        var at = Count >> 3;
        if (at == _validity.Length)
            System.Array.Resize(ref _validity, Math.Max(64, at * 2));

        var bit = (byte)(1 << (Count & 7));
        if (valid)
            _validity[at] |= bit;
        else
        {
            _validity[at] &= (byte)~bit;
            NullCount++;
        }

        Count++;
    }

    protected static ArrowBuffer Copy<T>(T[] values, int count)
        where T : unmanaged =>
        new(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan(0, count)).ToArray());

    /// <summary>Appends what stands where there is no value, without counting the row.</summary>
    protected abstract void AppendEmpty();

    protected abstract void TruncateValues(int count);

    protected abstract ArrayData BuildData(ArrowBuffer validity);

    private bool IsValid(int row) => (_validity[row >> 3] & (1 << (row & 7))) != 0;
}
