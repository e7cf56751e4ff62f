using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary><c>min</c> and <c>max</c> of integers, dates, timestamps and booleans (as 0 and 1).</summary>
internal sealed class IntegerExtremeAggregator(BoundExpression argument, bool max) : Aggregator
{
    public override string Function => max ? "max" : "min";

    // Present, value.
    public override int Cells => 2;

    public override FieldType ResultType => argument.Type;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (Scalars.TryGetInteger(argument, batch, row, out var value))
            Offer(cells, value);
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        if (otherCells[0] != 0)
            Offer(cells, otherCells[1]);
    }

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => Scalars.AppendInteger(column, cells[0] == 0, cells[1]);

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) =>
        Scalars.WriteInteger(json, argument.Type, cells[0] == 0, cells[1]);

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state)
    {
        blob.Byte((byte)cells[0]);
        if (cells[0] != 0)
            blob.Signed(cells[1]);
    }

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state)
    {
        cells[0] = blob.Byte();
        if (cells[0] != 0)
            cells[1] = blob.Signed();
    }

    private void Offer(Span<long> cells, long value)
    {
        if (cells[0] != 0 && (max ? value <= cells[1] : value >= cells[1]))
            return;
        cells[0] = 1;
        cells[1] = value;
    }
}

/// <summary><c>min</c> and <c>max</c> of doubles and decimals. NaN counts as larger than every number, as in DuckDB and Spark.</summary>
internal sealed class FloatExtremeAggregator(BoundExpression argument, bool max) : Aggregator
{
    public override string Function => max ? "max" : "min";

    // Present, value.
    public override int Cells => 2;

    public override FieldType ResultType => FieldType.Float64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (argument.TryGetDouble(batch, row, out var value))
            Offer(cells, value);
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        if (otherCells[0] != 0)
            Offer(cells, ToDouble(otherCells[1]));
    }

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => Scalars.AppendNumber(column, cells[0] == 0, ToDouble(cells[1]));

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) =>
        JsonNumbers.Write(json, cells[0] == 0, ToDouble(cells[1]));

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state)
    {
        blob.Byte((byte)cells[0]);
        if (cells[0] != 0)
            blob.Number(ToDouble(cells[1]));
    }

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state)
    {
        cells[0] = blob.Byte();
        if (cells[0] != 0)
            cells[1] = ToCell(blob.Number());
    }

    private void Offer(Span<long> cells, double value)
    {
        if (cells[0] != 0)
        {
            var order = Compare(value, ToDouble(cells[1]));
            if (max ? order <= 0 : order >= 0)
                return;
        }

        cells[0] = 1;
        cells[1] = ToCell(value);
    }

    private static int Compare(double left, double right) =>
        (double.IsNaN(left), double.IsNaN(right)) switch
        {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => -1,
            _ => left.CompareTo(right),
        };
}

/// <summary><c>min</c> and <c>max</c> of text, compared by code unit.</summary>
internal sealed class TextExtremeAggregator(BoundExpression argument, bool max) : Aggregator
{
    public override string Function => max ? "max" : "min";

    public override int Cells => 0;

    public override FieldType ResultType => FieldType.String;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (argument.TryGetString(batch, row, out var value))
            Offer(ref state, value);
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        if (other is string value)
            Offer(ref state, value);
    }

    public override bool HasObject => true;

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => Scalars.AppendText(column, state);

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) => json.WriteStringValue((string?)state);

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state) => Scalars.SaveText(blob, state);

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state) => state = Scalars.LoadText(ref blob);

    private void Offer(ref object? state, string value)
    {
        if (state is string best)
        {
            var order = string.CompareOrdinal(value, best);
            if (max ? order <= 0 : order >= 0)
                return;
        }

        state = value;
    }
}
