using System.Globalization;
using System.Text.Json;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Null count, minimum and maximum of one leaf column of a data file. Bounds may be wider than the values, never narrower.</summary>
/// <param name="path">Physical names from the top-level column down.</param>
internal sealed class ColumnStatistics(IReadOnlyList<string> path)
{
    public IReadOnlyList<string> Path { get; } = path;

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

    public void SetDecimals(ExactDecimal min, ExactDecimal max)
    {
        Min = min.ToString();
        Max = max.ToString();
    }

    /// <summary>Days since 1970-01-01.</summary>
    public void SetDates(long min, long max)
    {
        Min = $"\"{CivilTime.FormatDate(min)}\"";
        Max = $"\"{CivilTime.FormatDate(max)}\"";
    }

    /// <summary>Microseconds; written in milliseconds as Spark does, the maximum rounded up so that no reader skips a row.</summary>
    /// <param name="isInstant">False for local times, which have no zone in the text.</param>
    public void SetTimestamps(long min, long max, bool isInstant)
    {
        Min = Timestamp(CivilTime.FloorDiv(min, 1000), isInstant);
        Max = Timestamp(Math.Min(-CivilTime.FloorDiv(-max, 1000), 253_402_300_799_999), isInstant);
    }

    public void SetStrings(string min, string max)
    {
        Min = Quote(StringBounds.Lower(min));
        Max = StringBounds.Upper(max) is { } upper ? Quote(upper) : null;
    }

    private static string Timestamp(long milliseconds, bool isInstant) =>
        $"\"{DateTime.UnixEpoch.AddMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture)}{(isInstant ? "Z" : "")}\"";

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
