using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary><c>count(*)</c> without an argument, <c>count(x)</c> with one: rows where it is not NULL.</summary>
internal sealed class CountAggregator(BoundExpression? argument) : Aggregator
{
    public override string Function => "count";

    public override int Cells => 1;

    public override FieldType ResultType => FieldType.Int64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (argument is null || IsPresent(argument, batch, row))
            cells[0]++;
    }

    public override void AddMany(long[] cells, ReadOnlySpan<int> slots, int stride, int first, ColumnBatch batch, ReadOnlySpan<int> rows, ReadOnlySpan<long> times, ReadOnlySpan<long> offsets)
    {
        if (argument is not null)
        {
            base.AddMany(cells, slots, stride, first, batch, rows, times, offsets);
            return;
        }

        foreach (var slot in slots)
            cells[(slot * stride) + first]++;
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other) => cells[0] += otherCells[0];

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => ((Int64Column)column).Append(cells[0]);

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) => json.WriteNumberValue(cells[0]);

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state) => blob.Unsigned((ulong)cells[0]);

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state) => cells[0] = (long)blob.Unsigned();

    private static bool IsPresent(BoundExpression argument, ColumnBatch batch, int row) => argument.Type switch
    {
        FieldType.Boolean => argument.TryGetBoolean(batch, row, out _),
        FieldType.String => argument.TryGetString(batch, row, out _),
        FieldType.Float32 or FieldType.Float64 or FieldType.Decimal => argument.TryGetDouble(batch, row, out _),
        _ => argument.TryGetInt64(batch, row, out _),
    };
}
