using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>Integers, dates and timestamps; both bounds belong to the range.</summary>
internal sealed class LongRangeRule(int ordinal, long min, long max) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (Int64Column)batch.Columns[Ordinal];
        var value = column[row];
        return (value >= min && value <= max) || column.IsNull(row);
    }
}

/// <summary>NaN is in no range.</summary>
internal sealed class DoubleRangeRule(int ordinal, double min, double max, bool strictMin, bool strictMax) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (Float64Column)batch.Columns[Ordinal];
        var value = column[row];
        return ((strictMin ? value > min : value >= min) && (strictMax ? value < max : value <= max)) || column.IsNull(row);
    }
}

internal sealed class DecimalRangeRule(int ordinal, decimal min, decimal max, bool strictMin, bool strictMax) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (DecimalColumn)batch.Columns[Ordinal];
        if (column.IsNull(row))
            return true;
        var value = column[row];
        return (strictMin ? value > min : value >= min) && (strictMax ? value < max : value <= max);
    }
}

internal sealed class TextRangeRule(int ordinal, string? min, string? max, bool strictMin, bool strictMax) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (StringColumn)batch.Columns[Ordinal];
        if (column.IsNull(row))
            return true;
        var value = column[row];
        var low = min is null ? 1 : string.CompareOrdinal(value, min);
        var high = max is null ? -1 : string.CompareOrdinal(value, max);
        return (strictMin ? low > 0 : low >= 0) && (strictMax ? high < 0 : high <= 0);
    }
}

/// <summary>Lengths in code points; both bounds belong to the range.</summary>
internal sealed class LengthRule(int ordinal, long min, long max) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (StringColumn)batch.Columns[Ordinal];
        if (column.IsNull(row))
            return true;
        var value = column[row];
        long length = value.Length;
        // Surrogate pairs halve the length at most: only near the lower bound, or beyond the upper, need they be counted.
        if (length >= min * 2 && length <= max)
            return true;
        foreach (var unit in value)
        {
            if (char.IsLowSurrogate(unit))
                length--;
        }

        return length >= min && length <= max;
    }
}
