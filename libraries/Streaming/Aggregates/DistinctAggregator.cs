using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary><c>count(distinct x)</c>; see <see cref="DistinctSketch"/> for how exact it is. NULLs don't count.</summary>
internal sealed class DistinctAggregator(BoundExpression argument) : Aggregator
{
    public override string Function => "count_distinct";

    public override int Cells => 0;

    public override FieldType ResultType => FieldType.Int64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (TryHash(batch, row, out var hash))
            Sketch(ref state).Add(hash);
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        if (other is DistinctSketch sketch)
            Sketch(ref state).Merge(sketch);
    }

    public override bool HasObject => true;

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) => ((Int64Column)column).Append(((DistinctSketch?)state)?.Count ?? 0);

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) =>
        json.WriteNumberValue(((DistinctSketch?)state)?.Count ?? 0);

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state)
    {
        blob.Byte(state is null ? (byte)0 : (byte)1);
        ((DistinctSketch?)state)?.Save(blob);
    }

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state) =>
        state = blob.Byte() == 0 ? null : DistinctSketch.Load(ref blob);

    public override object? Copy(object? state) => ((DistinctSketch?)state)?.Copy();

    private static DistinctSketch Sketch(ref object? state) => (DistinctSketch)(state ??= new DistinctSketch());

    private bool TryHash(ColumnBatch batch, int row, out ulong hash)
    {
        hash = 0;
        if (argument.Type == FieldType.String)
        {
            if (!argument.TryGetString(batch, row, out var text))
                return false;
            hash = DistinctSketch.Hash(text);
            return true;
        }

        if (Scalars.IsInteger(argument.Type))
        {
            if (!Scalars.TryGetInteger(argument, batch, row, out var integer))
                return false;
            hash = DistinctSketch.Hash((ulong)integer);
            return true;
        }

        if (!argument.TryGetDouble(batch, row, out var number))
            return false;
        // -0 equals 0; every NaN equals every other.
        hash = DistinctSketch.Hash((ulong)BitConverter.DoubleToInt64Bits(double.IsNaN(number) ? double.NaN : number + 0.0));
        return true;
    }
}
