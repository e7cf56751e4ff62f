using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary><c>sum</c> and <c>avg</c> of integers: exact in 128 bits, so that no number of rows overflows it. NULL without rows.</summary>
internal sealed class IntegerSumAggregator(BoundExpression argument, bool average) : Aggregator
{
    public override string Function => average ? "avg" : "sum";

    // Rows, low half, high half.
    public override int Cells => 3;

    public override FieldType ResultType => average ? FieldType.Float64 : FieldType.Int64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (!argument.TryGetInt64(batch, row, out var value))
            return;
        cells[0]++;
        Put(cells, Sum(cells) + value);
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        cells[0] += otherCells[0];
        Put(cells, Sum(cells) + Sum(otherCells));
    }

    /// <summary>As with expressions, what does not fit 64 bits is NULL in a column.</summary>
    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state)
    {
        var sum = Sum(cells);
        if (average)
            Scalars.AppendNumber(column, cells[0] == 0, (double)sum / cells[0]);
        else
            Scalars.AppendInteger(column, cells[0] == 0 || sum < long.MinValue || sum > long.MaxValue, (long)sum);
    }

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state)
    {
        var sum = Sum(cells);
        if (cells[0] == 0)
            json.WriteNullValue();
        else if (average)
            json.WriteNumberValue((double)sum / cells[0]);
        else if (sum >= long.MinValue && sum <= long.MaxValue)
            json.WriteNumberValue((long)sum);
        else
            json.WriteRawValue(sum.ToString(CultureInfo.InvariantCulture));
    }

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state)
    {
        var sum = Sum(cells);
        var small = sum >= long.MinValue && sum <= long.MaxValue;
        blob.Unsigned((ulong)cells[0] << 1 | (small ? 0UL : 1UL));
        if (small)
        {
            blob.Signed((long)sum);
            return;
        }

        blob.Fixed((ulong)cells[1]);
        blob.Fixed((ulong)cells[2]);
    }

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state)
    {
        var head = blob.Unsigned();
        cells[0] = (long)(head >> 1);
        if ((head & 1) == 0)
        {
            Put(cells, blob.Signed());
            return;
        }

        cells[1] = (long)blob.Fixed();
        cells[2] = (long)blob.Fixed();
    }

    private static Int128 Sum(ReadOnlySpan<long> cells) => new((ulong)cells[2], (ulong)cells[1]);

    private static void Put(Span<long> cells, Int128 sum)
    {
        cells[1] = (long)(ulong)(sum & ulong.MaxValue);
        cells[2] = (long)(sum >> 64);
    }
}
