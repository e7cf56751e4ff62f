using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>A node that is a field and nothing else.</summary>
internal interface IFieldNode
{
    int Ordinal { get; }
}

internal sealed class BooleanFieldNode(int ordinal) : BooleanNode, IFieldNode
{
    public int Ordinal => ordinal;

    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        var column = (BooleanColumn)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }

    public override void FillBoolean(ColumnBatch batch, Span<bool> values, Span<bool> nulls)
    {
        var column = (BooleanColumn)batch.Columns[ordinal];
        column.Values[..values.Length].CopyTo(values);
        column.Nulls[..nulls.Length].CopyTo(nulls);
    }

    public override void FillNulls(ColumnBatch batch, Span<bool> nulls) => batch.Columns[ordinal].Nulls[..nulls.Length].CopyTo(nulls);
}

internal sealed class LongFieldNode(FieldType type, int ordinal) : LongNode(type), IFieldNode
{
    public int Ordinal => ordinal;

    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetInt64(ColumnBatch batch, int row, out long value)
    {
        var column = (Int64Column)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }

    public override void FillInt64(ColumnBatch batch, Span<long> values, Span<bool> nulls)
    {
        var column = (Int64Column)batch.Columns[ordinal];
        column.Values[..values.Length].CopyTo(values);
        column.Nulls[..nulls.Length].CopyTo(nulls);
    }

    public override void FillNulls(ColumnBatch batch, Span<bool> nulls) => batch.Columns[ordinal].Nulls[..nulls.Length].CopyTo(nulls);
}

internal sealed class DoubleFieldNode(FieldType type, int ordinal) : DoubleNode(type), IFieldNode
{
    public int Ordinal => ordinal;

    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        var column = (Float64Column)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }

    public override void FillDouble(ColumnBatch batch, Span<double> values, Span<bool> nulls)
    {
        var column = (Float64Column)batch.Columns[ordinal];
        column.Values[..values.Length].CopyTo(values);
        column.Nulls[..nulls.Length].CopyTo(nulls);
    }

    public override void FillNulls(ColumnBatch batch, Span<bool> nulls) => batch.Columns[ordinal].Nulls[..nulls.Length].CopyTo(nulls);
}

internal sealed class DecimalFieldNode(int ordinal) : DoubleNode(FieldType.Decimal), IFieldNode
{
    public int Ordinal => ordinal;

    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value)
    {
        var column = (DecimalColumn)batch.Columns[ordinal];
        var known = !column.IsNull(row);
        value = known ? (double)column[row] : 0;
        return known;
    }
}

internal sealed class TextFieldNode(int ordinal) : TextNode, IFieldNode
{
    public int Ordinal => ordinal;

    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);

    public override bool TryGetString(ColumnBatch batch, int row, out string value)
    {
        var column = (StringColumn)batch.Columns[ordinal];
        value = column[row];
        return !column.IsNull(row);
    }

    public override void FillString(ColumnBatch batch, Span<string> values, Span<bool> nulls)
    {
        var column = (StringColumn)batch.Columns[ordinal];
        column.Values[..values.Length].CopyTo(values);
        column.Nulls[..nulls.Length].CopyTo(nulls);
    }

    public override void FillNulls(ColumnBatch batch, Span<bool> nulls) => batch.Columns[ordinal].Nulls[..nulls.Length].CopyTo(nulls);
}

/// <summary>Bytes can only be tested for NULL and counted.</summary>
internal sealed class BytesFieldNode(int ordinal) : Node(FieldType.Bytes), IFieldNode
{
    public int Ordinal => ordinal;

    public override bool IsNull(ColumnBatch batch, int row) => batch.Columns[ordinal].IsNull(row);
}
