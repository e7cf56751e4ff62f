using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Null count, minimum and maximum of one column of a data file. Bounds may be wider than the values, never narrower.</summary>
internal sealed class ColumnStatistics(string name)
{
    public string Name { get; } = name;

    /// <summary>-1 where unknown.</summary>
    public long NullCount { get; set; }

    /// <summary>Bounds as JSON text; null where the column has none (all null, NaN among the values, or a type without order).</summary>
    public string? Min { get; private set; }

    public string? Max { get; private set; }

    public void SetLongs(long min, long max)
    {
        Min = min.ToString(CultureInfo.InvariantCulture);
        Max = max.ToString(CultureInfo.InvariantCulture);
    }

    public void SetDoubles(double min, double max)
    {
        if (!double.IsFinite(min) || !double.IsFinite(max))
            return;
        // Zero has two signs: the bounds take the outer ones.
        Min = min == 0 ? "-0.0" : min.ToString("R", CultureInfo.InvariantCulture);
        Max = max == 0 ? "0.0" : max.ToString("R", CultureInfo.InvariantCulture);
    }

    public void SetDecimals(decimal min, decimal max)
    {
        Min = min.ToString(CultureInfo.InvariantCulture);
        Max = max.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Days since 1970-01-01.</summary>
    public void SetDates(long min, long max)
    {
        Min = $"\"{DateTime.UnixEpoch.AddDays(min).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}\"";
        Max = $"\"{DateTime.UnixEpoch.AddDays(max).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}\"";
    }

    /// <summary>Microseconds; written in milliseconds as Spark does, the maximum rounded up so that no reader skips a row.</summary>
    public void SetTimestamps(long min, long max)
    {
        Min = Timestamp((long)Math.Floor(min / 1000m));
        Max = Timestamp((long)Math.Min(Math.Ceiling(max / 1000m), 253_402_300_799_999m));
    }

    public void SetStrings(string min, string max)
    {
        Min = Quote(StringBounds.Lower(min));
        Max = StringBounds.Upper(max) is { } upper ? Quote(upper) : null;
    }

    private static string Timestamp(long milliseconds) =>
        $"\"{DateTime.UnixEpoch.AddMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}\"";

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
