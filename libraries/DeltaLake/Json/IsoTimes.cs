using System.Globalization;
using System.Text.Unicode;

namespace RealTimeMesh.DeltaLake;

/// <summary>Days and microseconds since 1970-01-01 in ISO 8601, also outside the years 1 to 9999 that .NET's types hold.</summary>
internal static class IsoTimes
{
    private const long MicrosPerDay = 86_400_000_000;

    /// <summary>Room for any of them.</summary>
    public const int MostBytes = 48;

    /// <summary>Writes a day; gives the length.</summary>
    public static int Date(long days, Span<byte> text)
    {
        // Days to a civil date in eras of 400 years, each beginning on 1 March.
        var z = days + 719_468;
        var era = Math.DivRem(z, 146_097, out var dayOfEra);
        if (dayOfEra < 0)
            (era, dayOfEra) = (era - 1, dayOfEra + 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1_460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var month = ((5 * dayOfYear) + 2) / 153;
        var day = dayOfYear - (((153 * month) + 2) / 5) + 1;
        month += month < 10 ? 3 : -9;
        var year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"{year:D4}-", out var length);
        Two(text, length, month);
        text[length + 2] = (byte)'-';
        Two(text, length + 3, day);
        return length + 5;
    }

    /// <summary>Writes a time, with <c>Z</c> where it has a zone; gives the length.</summary>
    public static int Timestamp(long micros, bool zoned, Span<byte> text)
    {
        var days = Math.DivRem(micros, MicrosPerDay, out var rest);
        if (rest < 0)
            (days, rest) = (days - 1, rest + MicrosPerDay);
        var at = Date(days, text);
        var seconds = rest / 1_000_000;
        text[at] = (byte)'T';
        Two(text, at + 1, seconds / 3_600);
        text[at + 3] = (byte)':';
        Two(text, at + 4, seconds / 60 % 60);
        text[at + 6] = (byte)':';
        Two(text, at + 7, seconds % 60);
        text[at + 9] = (byte)'.';
        var fraction = rest % 1_000_000;
        Two(text, at + 10, fraction / 10_000);
        Two(text, at + 12, fraction / 100 % 100);
        Two(text, at + 14, fraction % 100);
        if (zoned)
            text[at + 16] = (byte)'Z';
        return at + (zoned ? 17 : 16);
    }

    private static void Two(Span<byte> text, int at, long value)
    {
        text[at] = (byte)('0' + (value / 10));
        text[at + 1] = (byte)('0' + (value % 10));
    }
}
