using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal sealed class BooleanFieldNode(int ordinal) : BooleanNode
{
    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        var column = (BooleanColumn)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }
}

internal sealed class LongFieldNode(FieldType type, int ordinal) : LongNode(type)
{
    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetInt64(ColumnBatch batch, int row, out long value)
    {
        var column = (Int64Column)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }
}

internal sealed class DoubleFieldNode(FieldType type, int ordinal) : DoubleNode(type)
{
    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        var column = (Float64Column)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }
}

internal sealed class DecimalFieldNode(int ordinal) : DoubleNode(FieldType.Decimal)
{
    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        var column = (DecimalColumn)batch.Columns[ordinal];
        var known = !column.IsNull(row);
        value = known ? (double)column[row] : 0;
        return known;
    }
}

internal sealed class TextFieldNode(int ordinal) : TextNode
{
    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetString(ColumnBatch batch, int row, out string value)
    {
        var column = (StringColumn)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }
}

/// <summary>Bytes can only be tested for NULL and counted.</summary>
internal sealed class BytesFieldNode(int ordinal) : Node(FieldType.Bytes)
{
    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);
}
