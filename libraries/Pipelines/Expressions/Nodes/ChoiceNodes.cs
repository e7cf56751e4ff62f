using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>A node whose value is that of one of its operands, chosen per row.</summary>
internal abstract class ChoiceNode(FieldType type) : Node(type)
{
    public override bool IsNull(ColumnBatch batch, int row) => Choose(batch, row)?.IsNull(batch, row) ?? true;

    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = false;
        return Choose(batch, row) is { } node && node.TryGetBoolean(batch, row, out value);
    }

    public override bool TryGetInt64(ColumnBatch batch, int row, out long value)
    {
        value = 0;
        return Choose(batch, row) is { } node && node.TryGetInt64(batch, row, out value);
    }

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        value = 0;
        return Choose(batch, row) is { } node && node.TryGetDouble(batch, row, out value);
    }

    public override bool TryGetString(ColumnBatch batch, int row, out string value)
    {
        value = "";
        return Choose(batch, row) is { } node && node.TryGetString(batch, row, out value);
    }

    /// <summary>The operand that gives the value, or null for NULL.</summary>
    protected abstract Node? Choose(ColumnBatch batch, int row);
}

internal sealed class CaseNode(FieldType type, Node[] conditions, Node[] results, Node? otherwise) : ChoiceNode(type)
{
    protected override Node? Choose(ColumnBatch batch, int row)
    {
        for (var i = 0; i < conditions.Length; i++)
        {
            if (conditions[i].TryGetBoolean(batch, row, out var value) && value)
                return results[i];
        }

        return otherwise;
    }
}

internal sealed class CoalesceNode(FieldType type, Node[] operands) : ChoiceNode(type)
{
    protected override Node? Choose(ColumnBatch batch, int row)
    {
        for (var i = 0; i < operands.Length - 1; i++)
        {
            if (!operands[i].IsNull(batch, row))
                return operands[i];
        }

        return operands[^1];
    }
}

internal sealed class NullIfNode(Node operand, Node areEqual) : ChoiceNode(operand.Type)
{
    protected override Node? Choose(ColumnBatch batch, int row) =>
        areEqual.TryGetBoolean(batch, row, out var equal) && equal ? null : operand;
}

/// <summary>greatest and least: NULLs are left out, as in DuckDB and Spark.</summary>
internal sealed class ExtremeNode<TKind, T>(FieldType type, Node[] operands, int sign) : ChoiceNode(type)
    where TKind : struct, IKind<T>
{
    protected override Node? Choose(ColumnBatch batch, int row)
    {
        Node? best = null;
        T bestValue = default!;
        foreach (var operand in operands)
        {
            if (TKind.TryGet(operand, batch, row, out var value) && (best is null || TKind.Compare(value, bestValue) * sign > 0))
            {
                best = operand;
                bestValue = value;
            }
        }

        return best;
    }
}
