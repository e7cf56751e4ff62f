using System.Collections.Frozen;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

internal sealed class TextSetRule(int ordinal, FrozenSet<string> values, bool expectIn) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (StringColumn)batch.Columns[Ordinal];
        return column.IsNull(row) || values.Contains(column[row]) == expectIn;
    }
}

internal sealed class LongSetRule(int ordinal, FrozenSet<long> values, bool expectIn) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (Int64Column)batch.Columns[Ordinal];
        return column.IsNull(row) || values.Contains(column[row]) == expectIn;
    }
}

internal sealed class DoubleSetRule(int ordinal, FrozenSet<double> values, bool expectIn) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (Float64Column)batch.Columns[Ordinal];
        return column.IsNull(row) || values.Contains(column[row]) == expectIn;
    }
}

internal sealed class DecimalSetRule(int ordinal, FrozenSet<decimal> values, bool expectIn) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (DecimalColumn)batch.Columns[Ordinal];
        return column.IsNull(row) || values.Contains(column[row]) == expectIn;
    }
}

internal sealed class BooleanSetRule(int ordinal, bool hasTrue, bool hasFalse, bool expectIn) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (BooleanColumn)batch.Columns[Ordinal];
        return column.IsNull(row) || (column[row] ? hasTrue : hasFalse) == expectIn;
    }
}
