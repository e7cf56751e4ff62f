using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// <c>first</c> and <c>last</c> by event time (ties by broker offset), whatever the order of arrival. NULLs don't count.
/// </summary>
internal abstract class EdgeAggregator(bool last) : Aggregator
{
    public override string Function => last ? "last" : "first";

    // Present, event time, offset, value (unused for text).
    public override int Cells => 4;

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        if (otherCells[0] == 0 || !Wins(cells, otherCells[1], otherCells[2]))
            return;
        otherCells.CopyTo(cells);
        state = other;
    }

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state)
    {
        blob.Byte((byte)cells[0]);
        if (cells[0] == 0)
            return;
        blob.Signed(cells[1]);
        blob.Signed(cells[2]);
        SaveValue(blob, cells[3], state);
    }

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state)
    {
        cells[0] = blob.Byte();
        if (cells[0] == 0)
            return;
        cells[1] = blob.Signed();
        cells[2] = blob.Signed();
        LoadValue(ref blob, ref cells[3], ref state);
    }

    protected abstract void SaveValue(BlobWriter blob, long cell, object? state);

    protected abstract void LoadValue(ref BlobReader blob, ref long cell, ref object? state);

    protected bool Wins(ReadOnlySpan<long> cells, long time, long offset)
    {
        if (cells[0] == 0)
            return true;
        var order = time.CompareTo(cells[1]);
        if (order == 0)
            order = offset.CompareTo(cells[2]);
        return last ? order > 0 : order < 0;
    }

    protected static void Put(Span<long> cells, long time, long offset, long value)
    {
        cells[0] = 1;
        cells[1] = time;
        cells[2] = offset;
        cells[3] = value;
    }
}

/// <summary>First or last integer, date, timestamp or boolean.</summary>
internal sealed class IntegerEdgeAggregator(BoundExpression argument, bool last) : EdgeAggregator(last)
{
    public override FieldType ResultType => argument.Type;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (Wins(cells, time, offset) && Scalars.TryGetInteger(argument, batch, row, out var value))
            Put(cells, time, offset, value);
    }

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => Scalars.AppendInteger(column, cells[0] == 0, cells[3]);

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) =>
        Scalars.WriteInteger(json, argument.Type, cells[0] == 0, cells[3]);

    protected override void SaveValue(BlobWriter blob, long cell, object? state) => blob.Signed(cell);

    protected override void LoadValue(ref BlobReader blob, ref long cell, ref object? state) => cell = blob.Signed();
}

/// <summary>First or last double or decimal.</summary>
internal sealed class FloatEdgeAggregator(BoundExpression argument, bool last) : EdgeAggregator(last)
{
    public override FieldType ResultType => FieldType.Float64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (Wins(cells, time, offset) && argument.TryGetDouble(batch, row, out var value))
            Put(cells, time, offset, ToCell(value));
    }

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => Scalars.AppendNumber(column, cells[0] == 0, ToDouble(cells[3]));

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) =>
        JsonNumbers.Write(json, cells[0] == 0, ToDouble(cells[3]));

    protected override void SaveValue(BlobWriter blob, long cell, object? state) => blob.Number(ToDouble(cell));

    protected override void LoadValue(ref BlobReader blob, ref long cell, ref object? state) => cell = ToCell(blob.Number());
}

/// <summary>First or last text.</summary>
internal sealed class TextEdgeAggregator(BoundExpression argument, bool last) : EdgeAggregator(last)
{
    public override FieldType ResultType => FieldType.String;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (!Wins(cells, time, offset) || !argument.TryGetString(batch, row, out var value))
            return;
        Put(cells, time, offset, 0);
        state = value;
    }

    public override bool HasObject => true;

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => Scalars.AppendText(column, state);

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) => json.WriteStringValue((string?)state);

    protected override void SaveValue(BlobWriter blob, long cell, object? state) => blob.Text((string)state!);

    protected override void LoadValue(ref BlobReader blob, ref long cell, ref object? state) => state = blob.Text();
}
