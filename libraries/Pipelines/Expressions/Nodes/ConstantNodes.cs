using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal sealed class BooleanConstant(bool constant) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = constant;
        return true;
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        values.Fill(constant);
        nulls.Clear();
    }
}

internal sealed class LongConstant(FieldType type, long constant) : LongNode(type)
{
    public long Value => constant;

    public override bool TryGetInt64(ColumnBatch batch, int row, out long value)
    {
        value = constant;
        return true;
    }

    public override void FillInt64(ColumnBatch batch, Span<long> values, Span<bool> nulls)
    {
        values.Fill(constant);
        nulls.Clear();
    }
}

internal sealed class DoubleConstant(double constant) : DoubleNode
{
    public double Value => constant;

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        value = constant;
        return true;
    }

    public override void FillDouble(ColumnBatch batch, Span<double> values, Span<bool> nulls)
    {
        values.Fill(constant);
        nulls.Clear();
    }
}

internal sealed class TextConstant(string constant) : TextNode
{
    public string Value => constant;

    public override bool TryGetString(ColumnBatch batch, int row, out string value)
    {
        value = constant;
        return true;
    }

    public override void FillString(ColumnBatch batch, Span<string> values, Span<bool> nulls)
    {
        values.Fill(constant);
        nulls.Clear();
    }
}
