using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// One aggregate column of a view, compiled. It holds no values itself: an accumulator is a few 64-bit cells and at
/// most one object in a page, and zeroed cells with a null object are the empty accumulator. Accumulators merge,
/// and saving and loading one changes nothing of its later results, so batch boundaries don't show.
/// </summary>
internal abstract class Aggregator
{
    public abstract string Function { get; }

    /// <summary>64-bit cells of one accumulator.</summary>
    public abstract int Cells { get; }

    /// <summary>What the result is, for readers of the view.</summary>
    public abstract FieldType ResultType { get; }

    /// <summary>Takes in one row. <paramref name="time"/> is the event time, microseconds.</summary>
    public abstract void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset);

    /// <summary>Takes in another accumulator, which is not changed.</summary>
    public abstract void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other);

    /// <summary>
    /// Takes in rows, each into an accumulator of its own: that of row <paramref name="rows"/>[i] begins at cell
    /// <paramref name="slots"/>[i] × <paramref name="stride"/> + <paramref name="first"/>. For aggregates without an object.
    /// </summary>
    public virtual void AddMany(long[] cells, ReadOnlySpan<int> slots, int stride, int first, ColumnBatch batch, ReadOnlySpan<int> rows, ReadOnlySpan<long> times, ReadOnlySpan<long> offsets)
    {
        object? none = null;
        for (var i = 0; i < rows.Length; i++)
            Add(cells.AsSpan((slots[i] * stride) + first, Cells), ref none, batch, rows[i], times[rows[i]], offsets[rows[i]]);
    }

    /// <summary>True where an accumulator has an object besides its cells.</summary>
    public virtual bool HasObject => false;

    /// <summary>Appends the result to a column of <see cref="ResultType"/>.</summary>
    public abstract void AppendResult(Column column, ReadOnlySpan<long> cells, object? state);

    /// <summary>Writes the result as one JSON value.</summary>
    public abstract void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state);

    public abstract void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state);

    public abstract void Load(ref BlobReader blob, Span<long> cells, ref object? state);

    /// <summary>A copy of the object that later rows don't change.</summary>
    public virtual object? Copy(object? state) => state;

    protected static double ToDouble(long cell) => BitConverter.Int64BitsToDouble(cell);

    protected static long ToCell(double value) => BitConverter.DoubleToInt64Bits(value);
}
