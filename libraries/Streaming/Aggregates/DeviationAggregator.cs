using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary><c>stddev</c>: the sample standard deviation by Welford's method, merged by Chan's. NULL for fewer than two rows.</summary>
internal sealed class DeviationAggregator(BoundExpression argument) : Aggregator
{
    public override string Function => "stddev";

    // Rows, mean, sum of squared distances from the mean.
    public override int Cells => 3;

    public override FieldType ResultType => FieldType.Float64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (!argument.TryGetDouble(batch, row, out var value))
            return;
        var count = ++cells[0];
        var mean = ToDouble(cells[1]);
        var delta = value - mean;
        mean += delta / count;
        cells[1] = ToCell(mean);
        cells[2] = ToCell(ToDouble(cells[2]) + delta * (value - mean));
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        if (otherCells[0] == 0)
            return;
        if (cells[0] == 0)
        {
            otherCells.CopyTo(cells);
            return;
        }

        double left = cells[0], right = otherCells[0], total = left + right;
        var delta = ToDouble(otherCells[1]) - ToDouble(cells[1]);
        cells[0] += otherCells[0];
        cells[1] = ToCell(ToDouble(cells[1]) + delta * right / total);
        cells[2] = ToCell(ToDouble(cells[2]) + ToDouble(otherCells[2]) + delta * delta * left * right / total);
    }

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) =>
        Scalars.AppendNumber(column, cells[0] < 2, Math.Sqrt(ToDouble(cells[2]) / (cells[0] - 1)));

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) =>
        JsonNumbers.Write(json, cells[0] < 2, Math.Sqrt(ToDouble(cells[2]) / (cells[0] - 1)));

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
}
