using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary><c>sum</c> and <c>avg</c> of doubles and decimals, with Neumaier's compensation: the error does not grow with the number of rows. NULL without rows.</summary>
internal sealed class FloatSumAggregator(BoundExpression argument, bool average) : Aggregator
{
    public override string Function => average ? "avg" : "sum";

    // Rows, sum, compensation.
    public override int Cells => 3;

    public override FieldType ResultType => FieldType.Float64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (!argument.TryGetDouble(batch, row, out var value))
            return;
        cells[0]++;
        AddValue(cells, value);
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        cells[0] += otherCells[0];
        AddValue(cells, ToDouble(otherCells[1]));
        cells[2] = ToCell(ToDouble(cells[2]) + ToDouble(otherCells[2]));
    }

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => Scalars.AppendNumber(column, cells[0] == 0, Result(cells));

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) => JsonNumbers.Write(json, cells[0] == 0, Result(cells));

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state)
    {
        blob.Unsigned((ulong)cells[0]);
        blob.Number(ToDouble(cells[1]));
        blob.Number(ToDouble(cells[2]));
    }

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state)
    {
        cells[0] = (long)blob.Unsigned();
        cells[1] = ToCell(blob.Number());
        cells[2] = ToCell(blob.Number());
    }

    private double Result(ReadOnlySpan<long> cells)
    {
        var compensation = ToDouble(cells[2]);
        var sum = ToDouble(cells[1]);
        // An infinite sum makes the compensation NaN; the sum alone is then the answer.
        if (double.IsFinite(compensation))
            sum += compensation;
        return average ? sum / cells[0] : sum;
    }

    private static void AddValue(Span<long> cells, double value)
    {
        var sum = ToDouble(cells[1]);
        var next = sum + value;
        var lost = Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
        cells[1] = ToCell(next);
        cells[2] = ToCell(ToDouble(cells[2]) + lost);
    }
}
