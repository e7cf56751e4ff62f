using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>Days and microseconds since 1970-01-01 in ISO 8601, also outside the years 1 to 9999 that .NET's types hold.</summary>
internal static class IsoTimes
{
    private const long MicrosPerDay = 86_400_000_000;

    public static string Date(long days)
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
        return string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{month:00}-{day:00}");
    }

    public static string Timestamp(long micros, string zone)
    {
        var days = Math.DivRem(micros, MicrosPerDay, out var rest);
        if (rest < 0)
            (days, rest) = (days - 1, rest + MicrosPerDay);
        var seconds = rest / 1_000_000;
        return string.Create(CultureInfo.InvariantCulture, $"{Date(days)}T{seconds / 3_600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}.{rest % 1_000_000:000000}{zone}");
    }
}
