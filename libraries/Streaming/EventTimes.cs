using System.Globalization;

namespace RealTimeMesh.Streaming;

/// <summary>Event times: microseconds since 1970-01-01T00:00:00Z.</summary>
public static class EventTimes
{
    internal const int EpochDay = 719_162;

    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    /// <summary>Earliest and latest event time taken, years 0002 to 9998: windows around them still have a start and an end.</summary>
    public static readonly long Earliest = Of(new DateTime(2, 1, 1, 0, 0, 0, DateTimeKind.Utc));

    public static readonly long Latest = Of(new DateTime(9998, 12, 31, 0, 0, 0, DateTimeKind.Utc));

    public static long Of(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TicksPerMicrosecond;

    public static DateTime ToDateTime(long micros) => new(DateTime.UnixEpoch.Ticks + micros * TicksPerMicrosecond, DateTimeKind.Utc);

    /// <summary>ISO 8601 in UTC, with a fraction only where there is one.</summary>
    public static string Format(long micros) => ToDateTime(micros).ToString(
        micros % 1_000_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>A day since 1970-01-01 as <c>yyyy-MM-dd</c>; as a number where the calendar has no such day.</summary>
    internal static string FormatDay(long day) => day is >= -EpochDay and <= 2_932_896
        ? DateOnly.FromDayNumber((int)day + EpochDay).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : day.ToString(CultureInfo.InvariantCulture);

    internal static bool IsInRange(long micros) => micros >= Earliest && micros <= Latest;

    /// <summary>Quotient rounded towards minus infinity, so that times before 1970 fall into the right window.</summary>
    internal static long FloorDivide(long value, long divisor)
    {
        var quotient = value / divisor;
        return value % divisor < 0 ? quotient - 1 : quotient;
    }
}
