using System.Globalization;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>
/// Days and microseconds since 1970-01-01 to and from text, in the proleptic Gregorian calendar and UTC. <see cref="DateTime"/> ends at
/// the year 9999, Spark's dates do not.
/// </summary>
internal static class CivilTime
{
    public const long MicrosPerDay = 86_400_000_000;

    public static long DaysOf(long year, int month, int day)
    {
        // Howard Hinnant's days_from_civil: years begin in March, eras have 400 years.
        year -= month <= 2 ? 1 : 0;
        var era = FloorDiv(year, 400);
        var yearOfEra = year - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        return (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
    }

    public static (long Year, int Month, int Day) CivilOf(long days)
    {
        days += 719_468;
        var era = FloorDiv(days, 146_097);
        var dayOfEra = days - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var month = ((5 * dayOfYear) + 2) / 153;
        var day = (int)(dayOfYear - (((153 * month) + 2) / 5) + 1);
        var civil = (int)(month < 10 ? month + 3 : month - 9);
        return (yearOfEra + (era * 400) + (civil <= 2 ? 1 : 0), civil, day);
    }

    public static long FloorDiv(long value, long divisor) => (value / divisor) - (value % divisor < 0 ? 1 : 0);

    public static int DaysInMonth(long year, int month) => month switch
    {
        2 => IsLeap(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    public static long AddMonths(long days, long months)
    {
        var (year, month, day) = CivilOf(days);
        var total = (year * 12) + month - 1 + months;
        year = FloorDiv(total, 12);
        month = (int)(total - (year * 12)) + 1;
        return DaysOf(year, month, Math.Min(day, DaysInMonth(year, month)));
    }

    public static string FormatDate(long days)
    {
        var (year, month, day) = CivilOf(days);
        var sign = year < 0 ? "-" : year > 9999 ? "+" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(year):D4}-{month:D2}-{day:D2}");
    }

    /// <summary><c>2024-01-02 03:04:05.123456</c>, without the fraction where it is zero.</summary>
    public static string FormatTimestamp(long micros, char separator = ' ')
    {
        var days = FloorDiv(micros, MicrosPerDay);
        var rest = micros - (days * MicrosPerDay);
        var seconds = rest / 1_000_000;
        var fraction = rest % 1_000_000;
        var text = string.Create(CultureInfo.InvariantCulture, $"{FormatDate(days)}{separator}{seconds / 3600:D2}:{seconds / 60 % 60:D2}:{seconds % 60:D2}");
        return fraction == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}.{fraction:D6}").TrimEnd('0');
    }

    /// <summary>Reads <c>yyyy</c>, <c>yyyy-mm</c>, <c>yyyy-mm-dd</c> as Spark's cast does; anything after a <c>T</c> or blank is left to <paramref name="rest"/>.</summary>
    public static bool TryParseDate(ReadOnlySpan<char> text, out long days, out ReadOnlySpan<char> rest)
    {
        days = 0;
        rest = default;
        text = text.Trim();
        var negative = text.StartsWith("-");
        if (negative || text.StartsWith("+"))
            text = text[1..];
        if (!TryNumber(ref text, 4, 7, out var year))
            return false;
        long month = 1, day = 1;
        if (text.StartsWith("-"))
        {
            text = text[1..];
            if (!TryNumber(ref text, 1, 2, out month))
                return false;
            if (text.StartsWith("-"))
            {
                text = text[1..];
                if (!TryNumber(ref text, 1, 2, out day))
                    return false;
            }
        }

        year = negative ? -year : year;
        if (month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, (int)month))
            return false;
        if (text.Length > 0)
        {
            if (text[0] is not ('T' or ' '))
                return false;
            rest = text[1..];
        }

        days = DaysOf(year, (int)month, (int)day);
        return true;
    }

    public static bool TryParseDate(ReadOnlySpan<char> text, out long days) => TryParseDate(text, out days, out _);

    /// <summary>
    /// Reads a date with an optional time of up to nanoseconds (cut to microseconds) and an optional zone (<c>Z</c>, <c>UTC</c>,
    /// <c>+02:00</c>); without one it is UTC, or a local time.
    /// </summary>
    public static bool TryParseTimestamp(ReadOnlySpan<char> text, out long micros, out bool hasZone)
    {
        (micros, hasZone) = (0, false);
        if (!TryParseDate(text, out var days, out var rest))
            return false;
        rest = rest.Trim();
        long offset = 0;
        if (!TryParseTimeOfDay(ref rest, out var time))
            return false;
        rest = rest.Trim();
        if (rest.Length > 0)
        {
            hasZone = true;
            if (!TryParseZone(rest, out offset))
                return false;
        }

        // 300,000 years: what fits in 64 bits of microseconds.
        if (Math.Abs(days) > 106_751_990)
            return false;
        micros = (days * MicrosPerDay) + time - offset;
        return true;
    }

    private static bool TryParseTimeOfDay(ref ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        if (text.Length == 0)
            return true;
        long minutes = 0, seconds = 0, fraction = 0;
        if (!TryNumber(ref text, 1, 2, out var hours))
            return false;
        if (text.StartsWith(":"))
        {
            text = text[1..];
            if (!TryNumber(ref text, 1, 2, out minutes))
                return false;
            if (text.StartsWith(":"))
            {
                text = text[1..];
                if (!TryNumber(ref text, 1, 2, out seconds))
                    return false;
                if (text.StartsWith("."))
                {
                    text = text[1..];
                    var digits = 0;
                    for (; text.Length > 0 && char.IsAsciiDigit(text[0]); text = text[1..], digits++)
                        fraction = digits < 6 ? (fraction * 10) + (text[0] - '0') : fraction;
                    for (; digits < 6; digits++)
                        fraction *= 10;
                }
            }
        }

        micros = (((((hours * 60) + minutes) * 60) + seconds) * 1_000_000) + fraction;
        return hours < 24 && minutes < 60 && seconds < 60;
    }

    private static bool TryParseZone(ReadOnlySpan<char> text, out long offset)
    {
        offset = 0;
        foreach (var name in new[] { "UTC", "GMT", "UT" })
        {
            if (text.StartsWith(name))
            {
                text = text[name.Length..];
                break;
            }
        }

        if (text.Length == 0 || text is "Z")
            return true;
        var negative = text[0] == '-';
        if (!negative && text[0] != '+')
            return false;
        text = text[1..];
        long minutes = 0, seconds = 0;
        if (!TryNumber(ref text, 1, 2, out var hours))
            return false;
        if (text.StartsWith(":"))
            text = text[1..];
        if (text.Length > 0 && !TryNumber(ref text, 2, 2, out minutes))
            return false;
        if (text.StartsWith(":"))
            text = text[1..];
        if (text.Length > 0 && !TryNumber(ref text, 2, 2, out seconds))
            return false;
        offset = ((((hours * 60) + minutes) * 60) + seconds) * 1_000_000;
        offset = negative ? -offset : offset;
        return text.Length == 0 && hours <= 18 && minutes < 60 && seconds < 60;
    }

    private static bool TryNumber(ref ReadOnlySpan<char> text, int least, int most, out long value)
    {
        value = 0;
        var length = 0;
        while (length < text.Length && length < most && char.IsAsciiDigit(text[length]))
            value = (value * 10) + (text[length++] - '0');
        text = text[length..];
        return length >= least;
    }

    private static bool IsLeap(long year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
