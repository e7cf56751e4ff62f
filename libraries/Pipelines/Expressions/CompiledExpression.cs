using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal sealed class CompiledExpression(string text, Node root) : BoundExpression
{
    // Where fewer than one row in so many is wanted, computing just these is less work than the column.
    private const int FewRows = 8;

    public override string Text => text;

    public override FieldType Type => root.Type;

    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value) => root.TryGetBoolean(batch, row, out value);

    public override bool TryGetInt64(ColumnBatch batch, int row, out long value) => root.TryGetInt64(batch, row, out value);

    public override bool TryGetDouble(ColumnBatch batch, int row, out double value) => root.TryGetDouble(batch, row, out value);

    public override bool TryGetString(ColumnBatch batch, int row, out string value) => root.TryGetString(batch, row, out value);

    public override FieldType ColumnType => root.Type == FieldType.Decimal && FieldOrdinal < 0 ? FieldType.Float64 : root.Type;

    public override int FieldOrdinal => root is IFieldNode named ? named.Ordinal : -1;

    public override int SelectTrue(ColumnBatch batch, Span<int> rows)
    {
        using var values = new Vector<bool>(batch.Count);
        Span<bool> truth = values.Values, nulls = values.Nulls;
        root.FillBoolean(batch, truth, nulls);
        var count = 0;
        for (var row = 0; row < truth.Length; row++)
        {
            // Without a branch: which rows pass is what the processor cannot foresee.
            rows[count] = row;
            count += truth[row] & !nulls[row] ? 1 : 0;
        }

        return count;
    }

    public override void AppendTo(ColumnBatch batch, ReadOnlySpan<int> rows, Column output)
    {
        if (FieldOrdinal >= 0)
            output.AppendRows(batch.Columns[FieldOrdinal], rows);
        else if (rows.Length < batch.Count / FewRows)
            AppendRows(batch, rows, output);
        else
            AppendColumn(batch, rows, output);
    }

    private void AppendRows(ColumnBatch batch, ReadOnlySpan<int> rows, Column output)
    {
        foreach (var row in rows)
        {
            switch (output)
            {
                case BooleanColumn booleans when root.TryGetBoolean(batch, row, out var value):
                    booleans.Append(value);
                    break;
                case Int64Column integers when root.TryGetInt64(batch, row, out var value):
                    integers.Append(value);
                    break;
                case Float64Column numbers when root.TryGetDouble(batch, row, out var value):
                    numbers.Append(value);
                    break;
                case StringColumn texts when root.TryGetString(batch, row, out var value):
                    texts.Append(value);
                    break;
                default:
                    output.AppendNull();
                    break;
            }
        }
    }

    private void AppendColumn(ColumnBatch batch, ReadOnlySpan<int> rows, Column output)
    {
        switch (output)
        {
            case BooleanColumn booleans:
                Append<BooleanKind, bool>(batch, rows, booleans);
                break;
            case Int64Column integers:
                Append<LongKind, long>(batch, rows, integers);
                break;
            case Float64Column numbers:
                Append<DoubleKind, double>(batch, rows, numbers);
                break;
            case StringColumn texts:
                Append<TextKind, string>(batch, rows, texts);
                break;
            default:
                throw new InvalidOperationException($"column '{output.Field.Name}' is of type {output.Field.Type}; expected one for {ColumnType}");
        }
    }

    private void Append<TKind, T>(ColumnBatch batch, ReadOnlySpan<int> rows, ValueColumn<T> output)
        where TKind : struct, IKind<T>
    {
        using var values = new Vector<T>(batch.Count);
        TKind.Fill(root, batch, values.Values, values.Nulls);
        output.AppendRows(values.Values, values.Nulls, rows);
    }
}
