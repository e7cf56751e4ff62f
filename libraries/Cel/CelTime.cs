using System.Globalization;

namespace RealTimeMesh.Cel;

/// <summary>Timestamps (years 1 to 9999) and durations (about 292 years), to the nanosecond.</summary>
internal static class CelTime
{
    public const long NanosPerSecond = 1_000_000_000;

    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;
    private const long NanosPerTick = 100;

    public static CelValue Timestamp(Int128 seconds, long nanos) =>
        seconds < FirstSecond || seconds > LastSecond ? CelErrors.TimestampOverflow : CelValue.Timestamp((long)seconds, (int)nanos);

    public static CelValue Duration(Int128 nanos) =>
        nanos < long.MinValue || nanos > long.MaxValue ? CelErrors.DurationOverflow : CelValue.Duration((long)nanos);

    public static CelValue Move(in CelValue timestamp, long nanos)
    {
        var total = (Int128)timestamp.Nanos + nanos;
        var seconds = total / NanosPerSecond;
        var rest = (long)(total % NanosPerSecond);
        return rest < 0 ? Timestamp(timestamp.AsInt + seconds - 1, rest + NanosPerSecond) : Timestamp(timestamp.AsInt + seconds, rest);
    }

    /// <summary>RFC 3339; null where the text is none.</summary>
    public static CelValue? ParseTimestamp(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var zone = point < 0 ? -1 : text.AsSpan(point + 1).IndexOfAnyExceptInRange('0', '9') + point + 1;
        if (point >= 0 && zone <= point + 1)
            return null;
        var whole = point < 0 ? text : text[..point] + text[zone..];
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz"];
        if (!DateTimeOffset.TryParseExact(whole, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return null;
        var nanos = point < 0 ? 0 : int.Parse(text.AsSpan(point + 1, Math.Min(9, zone - point - 1)).ToString().PadRight(9, '0'), CultureInfo.InvariantCulture);
        return Timestamp(time.ToUnixTimeSeconds(), nanos);
    }

    public static string FormatTimestamp(in CelValue value)
    {
        var text = Utc(value).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return value.Nanos == 0 ? text + "Z" : $"{text}.{value.Nanos.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0')}Z";
    }

    /// <summary>Go's form, such as <c>1h30m</c>, <c>-1.5s</c>; null where the text is none.</summary>
    public static CelValue? ParseDuration(string text)
    {
        var rest = text.AsSpan();
        var isNegative = rest.StartsWith("-", StringComparison.Ordinal);
        if (rest.Length > 0 && rest[0] is '-' or '+')
            rest = rest[1..];
        if (rest is "0")
            return CelValue.Duration(0);
        if (rest.IsEmpty)
            return null;
        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var digits = NumberLength(rest);
            if (digits == 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return null;
            rest = rest[digits..];
            var length = UnitLength(rest);
            if (Unit(rest[..length]) is not { } unit || number > decimal.MaxValue / unit / 2 || (total += number * unit) > ulong.MaxValue)
                return null;
            rest = rest[length..];
        }

        total = decimal.Truncate(isNegative ? -total : total);
        return total is < long.MinValue or > long.MaxValue ? null : CelValue.Duration((long)total);
    }

    public static string FormatDuration(long nanos) => ((decimal)nanos / NanosPerSecond).ToString("0.#########", CultureInfo.InvariantCulture) + "s";

    /// <summary>A part of a timestamp in a time zone: a name of the tz database or an offset such as <c>-08:00</c>; null is UTC.</summary>
    public static CelValue Part(in CelValue timestamp, string part, string? zone)
    {
        var time = Utc(timestamp);
        if (zone is not null)
        {
            if (Offset(zone, time) is not { } offset)
                return CelValue.Error($"unknown time zone {zone}");
            var moved = time.Ticks + offset.Ticks;
            if (moved < 0 || moved > DateTime.MaxValue.Ticks)
                return CelErrors.TimestampOverflow;
            time = new DateTime(moved, DateTimeKind.Utc);
        }

        return CelValue.Int(part switch
        {
            "getFullYear" => time.Year,
            "getMonth" => time.Month - 1,
            "getDayOfYear" => time.DayOfYear - 1,
            "getDayOfMonth" => time.Day - 1,
            "getDate" => time.Day,
            "getDayOfWeek" => (int)time.DayOfWeek,
            "getHours" => time.Hour,
            "getMinutes" => time.Minute,
            "getSeconds" => time.Second,
            _ => timestamp.Nanos / 1_000_000,
        });
    }

    /// <summary>The whole duration in a unit, not a part of it.</summary>
    public static CelValue Part(long nanos, string part) => CelValue.Int(part switch
    {
        "getHours" => nanos / (3600 * NanosPerSecond),
        "getMinutes" => nanos / (60 * NanosPerSecond),
        "getSeconds" => nanos / NanosPerSecond,
        _ => nanos / 1_000_000,
    });

    private static DateTime Utc(in CelValue timestamp) => DateTimeOffset.FromUnixTimeSeconds(timestamp.AsInt).UtcDateTime.AddTicks(timestamp.Nanos / NanosPerTick);

    private static TimeSpan? Offset(string zone, DateTime time)
    {
        if (!zone.Contains(':', StringComparison.Ordinal))
            return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known) ? known.GetUtcOffset(time) : null;
        var text = zone.AsSpan().TrimStart("+-");
        var colon = text.IndexOf(':');
        if (!int.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || hours > 23 || minutes > 59)
            return null;
        var offset = new TimeSpan(hours, minutes, 0);
        return zone[0] == '-' ? -offset : offset;
    }

    private static int NumberLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.'))
            length++;
        return length;
    }

    private static int UnitLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && !char.IsAsciiDigit(text[length]) && text[length] != '.')
            length++;
        return length;
    }

    private static decimal? Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => NanosPerSecond,
        "m" => 60 * NanosPerSecond,
        "h" => 3600 * NanosPerSecond,
        _ => null,
    };
}
