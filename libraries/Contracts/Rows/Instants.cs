using System.Buffers.Text;

namespace RealTimeMesh.Contracts;

/// <summary>Points in time and days as rows hold them: microseconds and days since 1970-01-01, UTC, years 1 to 9999.</summary>
internal static class Instants
{
    public const long MinMicros = -62_135_596_800_000_000;
    public const long MaxMicros = 253_402_300_799_999_999;
    public const long MinDays = -719_162;
    public const long MaxDays = 2_932_896;

    private const long MicrosPerDay = 86_400_000_000;

    public static bool IsInstant(long micros) => micros is >= MinMicros and <= MaxMicros;

    public static bool IsDay(long days) => days is >= MinDays and <= MaxDays;

    /// <summary>An integer of a contract's unit as microseconds. False beyond years 1 to 9999.</summary>
    public static bool TryFromEpoch(long value, EpochUnit unit, out long micros)
    {
        micros = 0;
        if (unit == EpochUnit.Milliseconds)
        {
            if (value is < MinMicros / 1000 or > MaxMicros / 1000)
                return false;

            value *= 1000;
        }

        micros = value;
        return IsInstant(value);
    }

    /// <summary>Reads <c>yyyy-MM-dd</c>.</summary>
    public static bool TryParseDay(ReadOnlySpan<byte> text, out long days)
    {
        days = 0;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-'
            || !TryDigits(text[..4], out var year) || !TryDigits(text.Slice(5, 2), out var month) || !TryDigits(text.Slice(8, 2), out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        days = new DateOnly(year, month, day).DayNumber + MinDays;
        return true;
    }

    /// <summary>
    /// Reads ISO-8601 extended form: a date, or a date and a time to the minute, second or fraction, after <c>T</c> or a
    /// space, with <c>Z</c>, an offset, or nothing, which means UTC. A fraction finer than a microsecond is refused
    /// unless its extra digits are 0.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long micros)
    {
        micros = 0;
        if (text.Length < 10 || !TryParseDay(text[..10], out var days))
            return false;

        var rest = text[10..];
        if (rest.IsEmpty)
        {
            micros = days * MicrosPerDay;
            return true;
        }

        if (rest[0] is not ((byte)'T' or (byte)'t' or (byte)' ') || !TryParseTime(rest[1..], out var timeOfDay, out var zone) || !TryParseZone(zone, out var offset))
            return false;

        micros = (days * MicrosPerDay) + timeOfDay - offset;
        return IsInstant(micros);
    }

    private static bool TryParseTime(ReadOnlySpan<byte> text, out long micros, out ReadOnlySpan<byte> rest)
    {
        micros = 0;
        rest = default;
        if (text.Length < 5 || text[2] != ':' || !TryDigits(text[..2], out var hour) || !TryDigits(text.Slice(3, 2), out var minute) || hour > 23 || minute > 59)
            return false;

        micros = ((hour * 60L) + minute) * 60_000_000;
        rest = text[5..];
        if (rest.IsEmpty || rest[0] != ':')
            return true;

        if (rest.Length < 3 || !TryDigits(rest.Slice(1, 2), out var second) || second > 59)
            return false;

        micros += second * 1_000_000L;
        rest = rest[3..];
        return rest.IsEmpty || rest[0] is not ((byte)'.' or (byte)',') || TryParseFraction(ref micros, ref rest);
    }

    private static bool TryParseFraction(ref long micros, ref ReadOnlySpan<byte> rest)
    {
        var digits = 0;
        var scale = 100_000L;
        while (digits + 1 < rest.Length && rest[digits + 1] is >= (byte)'0' and <= (byte)'9')
        {
            var value = rest[digits + 1] - '0';
            if (scale == 0 && value != 0)
                return false;

            micros += value * scale;
            scale /= 10;
            digits++;
        }

        rest = rest[(digits + 1)..];
        return digits > 0;
    }

    private static bool TryParseZone(ReadOnlySpan<byte> text, out long offsetMicros)
    {
        offsetMicros = 0;
        if (text.IsEmpty || (text.Length == 1 && text[0] is (byte)'Z' or (byte)'z'))
            return true;

        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length is not (3 or 5 or 6) || (text.Length == 6 && text[3] != ':'))
            return false;

        var minute = 0;
        if (!TryDigits(text.Slice(1, 2), out var hour) || (text.Length > 3 && !TryDigits(text[^2..], out minute)) || hour > 18 || minute > 59)
            return false;

        offsetMicros = ((hour * 60L) + minute) * 60_000_000 * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value) =>
        Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length && text[0] is >= (byte)'0' and <= (byte)'9';
}
