using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>A function of one value; false for NULL.</summary>
internal delegate bool Map<in TIn, TOut>(TIn input, out TOut output);

/// <summary>A function of two values; false for NULL.</summary>
internal delegate bool Map2<in TLeft, in TRight, TOut>(TLeft left, TRight right, out TOut output);

internal sealed class BooleanMap<TKind, T>(Node operand, Map<T, bool> map) : BooleanNode
    where TKind : struct, IKind<T>
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = false;
        return TKind.TryGet(operand, batch, row, out var input) && map(input, out value);
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        using var input = new Vector<T>(values.Length);
        TKind.Fill(operand, batch, input.Values, nulls);
        var from = input.Values;
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = default;
            nulls[row] = nulls[row] || !map(from[row], out values[row]);
        }
    }
}

internal sealed class LongMap<TKind, T>(FieldType type, Node operand, Map<T, long> map) : LongNode(type)
    where TKind : struct, IKind<T>
{
    public override bool TryGetInt64(ColumnBatch batch, int row, out long value)
    {
        value = 0;
        return TKind.TryGet(operand, batch, row, out var input) && map(input, out value);
    }

    public override void FillInt64(ColumnBatch batch, Span<long> values, Span<bool> nulls)
    {
        using var input = new Vector<T>(values.Length);
        TKind.Fill(operand, batch, input.Values, nulls);
        var from = input.Values;
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = default;
            nulls[row] = nulls[row] || !map(from[row], out values[row]);
        }
    }
}

internal sealed class DoubleMap<TKind, T>(FieldType type, Node operand, Map<T, double> map) : DoubleNode(type)
    where TKind : struct, IKind<T>
{
    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        value = 0;
        return TKind.TryGet(operand, batch, row, out var input) && map(input, out value);
    }

    public override void FillDouble(ColumnBatch batch, Span<double> values, Span<bool> nulls)
    {
        using var input = new Vector<T>(values.Length);
        TKind.Fill(operand, batch, input.Values, nulls);
        var from = input.Values;
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = default;
            nulls[row] = nulls[row] || !map(from[row], out values[row]);
        }
    }
}

internal sealed class TextMap<TKind, T>(Node operand, Map<T, string> map) : TextNode
    where TKind : struct, IKind<T>
{
    public override bool TryGetString(ColumnBatch batch, int row, out string value)
    {
        value = "";
        return TKind.TryGet(operand, batch, row, out var input) && map(input, out value);
    }
}

internal sealed class LongMap2(FieldType type, Node left, Node right, Map2<long, long, long> map) : LongNode(type)
{
    public override bool TryGetInt64(ColumnBatch batch, int row, out long value)
    {
        value = 0;
        return left.TryGetInt64(batch, row, out var a) && right.TryGetInt64(batch, row, out var b) && map(a, b, out value);
    }

    public override void FillInt64(ColumnBatch batch, Span<long> values, Span<bool> nulls)
    {
        using var other = new Vector<long>(values.Length);
        left.FillInt64(batch, values, nulls);
        right.FillInt64(batch, other.Values, other.Nulls);
        var also = other.Values;
        var unknown = other.Nulls;
        for (var row = 0; row < values.Length; row++)
            nulls[row] = nulls[row] || unknown[row] || !map(values[row], also[row], out values[row]);
    }
}

internal sealed class DoubleMap2(Node left, Node right, Map2<double, double, double> map) : DoubleNode
{
    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        value = 0;
        return left.TryGetDouble(batch, row, out var a) && right.TryGetDouble(batch, row, out var b) && map(a, b, out value);
    }

    public override void FillDouble(ColumnBatch batch, Span<double> values, Span<bool> nulls)
    {
        using var other = new Vector<double>(values.Length);
        left.FillDouble(batch, values, nulls);
        right.FillDouble(batch, other.Values, other.Nulls);
        var also = other.Values;
        var unknown = other.Nulls;
        for (var row = 0; row < values.Length; row++)
            nulls[row] = nulls[row] || unknown[row] || !map(values[row], also[row], out values[row]);
    }
}
