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
}

internal sealed class NotNode(Node operand) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        var known = operand.TryGetBoolean(batch, row, out var inner);
        value = known && !inner;
        return known;
    }
}

internal sealed class IsNullNode(Node operand) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = operand.IsNull(batch, row);
        return true;
    }
}
