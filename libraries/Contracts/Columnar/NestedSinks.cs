using Apache.Arrow;
using Apache.Arrow.Types;

namespace RealTimeMesh.Contracts.Columnar;

/// <summary>Lists, or maps as lists of entries: fill the items, then <see cref="Close"/> the row.</summary>
internal sealed class ListSink(IArrowType type, ArrowSink items) : ArrowSink(type)
{
    private int[] _offsets = new int[64];

    public void Close()
    {
        AppendEmpty();
        Mark();
    }

    protected override void AppendEmpty()
    {
        if (Count + 1 == _offsets.Length)
            System.Array.Resize(ref _offsets, _offsets.Length * 2);

        _offsets[Count + 1] = items.Count;
    }

    /// <summary>Items of a row that was not closed go too.</summary>
    protected override void TruncateValues(int count) => items.Truncate(_offsets[count]);

    protected override ArrayData BuildData(ArrowBuffer validity) =>
        new(Type, Count, NullCount, 0, [validity, Copy(_offsets, Count + 1)], [items.Build()]);
}

/// <summary>Structs: fill each part, then <see cref="Close"/> the row.</summary>
internal sealed class StructSink(IArrowType type, ArrowSink[] parts) : ArrowSink(type)
{
    public void Close() => Mark();

    /// <summary>Fills the parts that this row did not give.</summary>
    public void CloseSparse()
    {
        foreach (var part in parts)
        {
            if (part.Count == Count)
                part.AppendNull();
        }

        Mark();
    }

    protected override void AppendEmpty()
    {
        foreach (var part in parts)
            part.AppendNull();
    }

    protected override void TruncateValues(int count)
    {
        foreach (var part in parts)
            part.Truncate(count);
    }

    protected override ArrayData BuildData(ArrowBuffer validity) => new(Type, Count, NullCount, 0, [validity], [.. parts.Select(part => part.Build())]);
}
