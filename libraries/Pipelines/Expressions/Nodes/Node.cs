using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>
/// A typed, bound part of an expression. Each <c>TryGet</c> returns false for NULL. A node answers the kind of its
/// type; integers and decimals answer as doubles too. Nodes hold no state between rows.
/// </summary>
internal abstract class Node(FieldType type)
{
    public FieldType Type { get; } = type;

    public abstract bool IsNull(ColumnBatch batch, int row);

    public virtual bool TryGetBoolean(ColumnBatch batch, int row, out bool value) => throw WrongKind("a boolean");

    public virtual bool TryGetInt64(ColumnBatch batch, int row, out long value) => throw WrongKind("an integer, date or timestamp");

    public virtual bool TryGetDouble(ColumnBatch batch, int row, out double value) => throw WrongKind("a number");

    public virtual bool TryGetString(ColumnBatch batch, int row, out string value) => throw WrongKind("text");

    /// <summary>The values of the first rows, one for each place of the spans; as the row-wise calls, column at a time.</summary>
    public virtual void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        for (var row = 0; row < values.Length; row++)
            nulls[row] = !TryGetBoolean(batch, row, out values[row]);
    }

    public virtual void FillInt64(ColumnBatch batch, Span<long> values, Span<bool> nulls)
    {
        for (var row = 0; row < values.Length; row++)
            nulls[row] = !TryGetInt64(batch, row, out values[row]);
    }

    public virtual void FillDouble(ColumnBatch batch, Span<double> values, Span<bool> nulls)
    {
        for (var row = 0; row < values.Length; row++)
            nulls[row] = !TryGetDouble(batch, row, out values[row]);
    }

    public virtual void FillString(ColumnBatch batch, Span<string> values, Span<bool> nulls)
    {
        for (var row = 0; row < values.Length; row++)
            nulls[row] = !TryGetString(batch, row, out values[row]);
    }

    public virtual void FillNulls(ColumnBatch batch, Span<bool> nulls)
    {
        for (var row = 0; row < nulls.Length; row++)
            nulls[row] = IsNull(batch, row);
    }

    private InvalidOperationException WrongKind(string asked) => new($"the expression is of type {Type}; it was read as {asked}");
}

internal abstract class BooleanNode() : Node(FieldType.Boolean)
{
    public override bool IsNull(ColumnBatch batch, int row) => !TryGetBoolean(batch, row, out _);

    public abstract override bool TryGetBoolean(ColumnBatch batch, int row, out bool value);
}

/// <summary>Integers, dates and timestamps.</summary>
internal abstract class LongNode(FieldType type) : Node(type)
{
    public override bool IsNull(ColumnBatch batch, int row) => !TryGetInt64(batch, row, out _);

    public abstract override bool TryGetInt64(ColumnBatch batch, int row, out long value);

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        var known = TryGetInt64(batch, row, out var integer);
        value = integer;
        return known;
    }

    public override void FillDouble(ColumnBatch batch, Span<double> values, Span<bool> nulls)
    {
        using var integers = new Vector<long>(values.Length);
        FillInt64(batch, integers.Values, nulls);
        var from = integers.Values;
        for (var row = 0; row < values.Length; row++)
            values[row] = from[row];
    }
}

internal abstract class DoubleNode(FieldType type = FieldType.Float64) : Node(type)
{
    public override bool IsNull(ColumnBatch batch, int row) => !TryGetDouble(batch, row, out _);

    public abstract override bool TryGetDouble(ColumnBatch batch, int row, out double value);
}

internal abstract class TextNode() : Node(FieldType.String)
{
    public override bool IsNull(ColumnBatch batch, int row) => !TryGetString(batch, row, out _);

    public abstract override bool TryGetString(ColumnBatch batch, int row, out string value);
}

/// <summary>The literal NULL, or one that took the type of its neighbours.</summary>
internal sealed class NullNode(FieldType type = FieldType.Boolean) : Node(type)
{
    public override bool IsNull(ColumnBatch batch, int row) => true;

    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value) => (value = false) != false;

    public override bool TryGetInt64(ColumnBatch batch, int row, out long value) => (value = 0) != 0;

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value) => (value = 0) != 0;

    public override bool TryGetString(ColumnBatch batch, int row, out string value) => (value = "") is null;
}
