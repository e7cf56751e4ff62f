using System.Globalization;

namespace RealTimeMesh.Pipelines;

/// <summary>Dates (days) and timestamps (microseconds) since 1970-01-01, UTC, as text and by parts.</summary>
internal static class TimeText
{
    public const long MicrosPerSecond = 1_000_000;
    public const long MicrosPerMinute = 60 * MicrosPerSecond;
    public const long MicrosPerHour = 60 * MicrosPerMinute;
    public const long MicrosPerDay = 24 * MicrosPerHour;

    private const long UnixEpochDays = 719_162;

    private static readonly string[] TimestampFormats =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm", "yyyy-MM-dd HH:mmzzz", "yyyy-MM-ddTHH:mmzzz",
        "yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFF",
        "yyyy-MM-dd HH:mm:ss.FFFFFFzzz", "yyyy-MM-ddTHH:mm:ss.FFFFFFzzz",
        "yyyy-MM-dd HH:mm:ss.FFFFFFZ", "yyyy-MM-ddTHH:mm:ss.FFFFFFZ", "yyyy-MM-ddTHH:mmZ",
    ];

    public static bool TryParseDate(string text, out long days)
    {
        var parsed = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date);
        days = parsed ? date.DayNumber - UnixEpochDays : 0;
        return parsed;
    }

    public static bool TryParseTimestamp(string text, out long micros)
    {
        var parsed = DateTimeOffset.TryParseExact(text, TimestampFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        micros = parsed ? (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond : 0;
        return parsed;
    }

    public static bool TryToDate(long days, out DateOnly date)
    {
        var number = days + UnixEpochDays;
        var inRange = number >= 0 && number <= DateOnly.MaxValue.DayNumber;
        date = inRange ? DateOnly.FromDayNumber((int)number) : default;
        return inRange;
    }

    public static bool TryFormatDate(long days, out string text)
    {
        var known = TryToDate(days, out var date);
        text = known ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";
        return known;
    }

    public static bool TryFormatTimestamp(long micros, out string text)
    {
        text = "";
        if (!TryToDate(FloorDivide(micros, MicrosPerDay), out var date))
            return false;
        var time = date.ToDateTime(TimeOnly.MinValue).AddTicks(FloorModulo(micros, MicrosPerDay) * TimeSpan.TicksPerMicrosecond);
        text = time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
        return true;
    }

    public static long FromDate(DateOnly date) => date.DayNumber - UnixEpochDays;

    public static long FloorDivide(long value, long divisor)
    {
        var quotient = value / divisor;
        return value % divisor < 0 ? quotient - 1 : quotient;
    }

    public static long FloorModulo(long value, long divisor)
    {
        var remainder = value % divisor;
        return remainder < 0 ? remainder + divisor : remainder;
    }
}
