using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>FALSE wins over NULL.</summary>
internal sealed class AndNode(Node left, Node right) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = false;
        var leftKnown = left.TryGetBoolean(batch, row, out var a);
        if (leftKnown && !a)
            return true;
        var rightKnown = right.TryGetBoolean(batch, row, out var b);
        if (rightKnown && !b)
            return true;
        value = leftKnown && rightKnown;
        return value;
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        left.FillBoolean(batch, values, nulls);
        using var other = new Vector<bool>(values.Length);
        right.FillBoolean(batch, other.Values, other.Nulls);
        Span<bool> also = other.Values, unknown = other.Nulls;
        for (var row = 0; row < values.Length; row++)
        {
            var wins = (!nulls[row] && !values[row]) || (!unknown[row] && !also[row]);
            nulls[row] = !wins && (nulls[row] || unknown[row]);
            values[row] = !wins && !nulls[row];
        }
    }
}

/// <summary>TRUE wins over NULL.</summary>
internal sealed class OrNode(Node left, Node right) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        var leftKnown = left.TryGetBoolean(batch, row, out var a);
        if (leftKnown && a)
            return value = true;
        var rightKnown = right.TryGetBoolean(batch, row, out var b);
        if (rightKnown && b)
            return value = true;
        value = false;
        return leftKnown && rightKnown;
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        left.FillBoolean(batch, values, nulls);
        using var other = new Vector<bool>(values.Length);
        right.FillBoolean(batch, other.Values, other.Nulls);
        Span<bool> also = other.Values, unknown = other.Nulls;
        for (var row = 0; row < values.Length; row++)
        {
            var wins = (!nulls[row] && values[row]) || (!unknown[row] && also[row]);
            nulls[row] = !wins && (nulls[row] || unknown[row]);
            values[row] = wins;
        }
    }
}

internal sealed class NotNode(Node operand) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        var known = operand.TryGetBoolean(batch, row, out var inner);
        value = known && !inner;
        return known;
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        operand.FillBoolean(batch, values, nulls);
        for (var row = 0; row < values.Length; row++)
            values[row] = !nulls[row] && !values[row];
    }
}

internal sealed class IsNullNode(Node operand) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = operand.IsNull(batch, row);
        return true;
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        operand.FillNulls(batch, values);
        nulls.Clear();
    }
}
