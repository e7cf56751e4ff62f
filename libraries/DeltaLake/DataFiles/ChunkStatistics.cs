using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Sets bounds from the values of a column, which are at least one and have no nulls.</summary>
internal delegate void Measure<T>(ColumnStatistics result, ReadOnlySpan<T> values);

/// <summary>Bounds of each kind of value.</summary>
internal static class ChunkStatistics
{
    public static void Longs(ColumnStatistics result, ReadOnlySpan<long> values)
    {
        var (min, max) = Range(values);
        result.SetLongs(min, max);
    }

    public static void Dates(ColumnStatistics result, ReadOnlySpan<long> values)
    {
        var (min, max) = Range(values);
        result.SetDates(min, max);
    }

    public static void Instants(ColumnStatistics result, ReadOnlySpan<long> values)
    {
        var (min, max) = Range(values);
        result.SetTimestamps(min, max, isInstant: true);
    }

    public static void LocalTimes(ColumnStatistics result, ReadOnlySpan<long> values)
    {
        var (min, max) = Range(values);
        result.SetTimestamps(min, max, isInstant: false);
    }

    public static void Singles(ColumnStatistics result, ReadOnlySpan<double> values) => Reals(result, values, value => (float)value);

    public static void Doubles(ColumnStatistics result, ReadOnlySpan<double> values) => Reals(result, values, null);

    public static void Decimals(ColumnStatistics result, ReadOnlySpan<decimal> values)
    {
        decimal min = values[0], max = values[0];
        foreach (var value in values)
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        result.SetDecimals(ExactDecimal.From(min), ExactDecimal.From(max));
    }

    public static void Strings(ColumnStatistics result, ReadOnlySpan<string> values)
    {
        string min = values[0], max = values[0];
        foreach (var value in values)
        {
            if (StringBounds.Compare(value, min) < 0)
                min = value;
            else if (StringBounds.Compare(value, max) > 0)
                max = value;
        }

        result.SetStrings(min, max);
    }

    private static (long Min, long Max) Range(ReadOnlySpan<long> values)
    {
        long min = values[0], max = values[0];
        foreach (var value in values)
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        return (min, max);
    }

    /// <summary>A NaN among the values leaves no bounds: readers differ in where it stands.</summary>
    private static void Reals(ColumnStatistics result, ReadOnlySpan<double> values, Func<double, double>? round)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        foreach (var value in values)
        {
            if (double.IsNaN(value))
                return;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        result.SetDoubles(round?.Invoke(min) ?? min, round?.Invoke(max) ?? max);
    }
}
