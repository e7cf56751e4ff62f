using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary><c>quantile(x, q)</c>; see <see cref="QuantileSketch"/> for its error. NULLs and NaNs don't count; NULL without rows.</summary>
internal sealed class QuantileAggregator(BoundExpression argument, double quantile) : Aggregator
{
    public override string Function => "quantile";

    public override int Cells => 0;

    public override FieldType ResultType => FieldType.Float64;

    public override void Add(Span<long> cells, ref object? state, ColumnBatch batch, int row, long time, long offset)
    {
        if (argument.TryGetDouble(batch, row, out var value) && !double.IsNaN(value))
            ((QuantileSketch)(state ??= new QuantileSketch())).Add(value);
    }

    public override void Merge(Span<long> cells, ref object? state, ReadOnlySpan<long> otherCells, object? other)
    {
        if (other is QuantileSketch sketch)
            ((QuantileSketch)(state ??= new QuantileSketch())).Merge(sketch);
    }

    public override bool HasObject => true;

    public override void AppendResult(Column column, ReadOnlySpan<long> cells, object? state) =>
        Scalars.AppendNumber(column, state is null, ((QuantileSketch?)state)?.Quantile(quantile) ?? 0);

    public override void WriteResult(Utf8JsonWriter json, ReadOnlySpan<long> cells, object? state) =>
        JsonNumbers.Write(json, state is null, ((QuantileSketch?)state)?.Quantile(quantile) ?? 0);

    public override void Save(BlobWriter blob, ReadOnlySpan<long> cells, object? state)
    {
        blob.Byte(state is null ? (byte)0 : (byte)1);
        ((QuantileSketch?)state)?.Save(blob);
    }

    public override void Load(ref BlobReader blob, Span<long> cells, ref object? state) =>
        state = blob.Byte() == 0 ? null : QuantileSketch.Load(ref blob);

    public override object? Copy(object? state) => ((QuantileSketch?)state)?.Copy();
}
