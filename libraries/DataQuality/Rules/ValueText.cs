using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>Values as people read them, for reasons of rejection.</summary>
internal static class ValueText
{
    private const int MaxLength = 200;

    public static string Of(Column column, int row)
    {
        if (column.IsNull(row))
            return "null";
        if (column.Field.Pii)
            return "(personal data)";
        var value = column.GetValue(row)!;
        return (column.Field.Type, value) switch
        {
            (FieldType.Date, long days) => OfDate(days),
            (FieldType.Timestamp, long micros) => OfTimestamp(micros),
            (_, bool boolean) => boolean ? "true" : "false",
            (_, byte[] bytes) => $"{bytes.Length} bytes",
            (_, string { Length: > MaxLength } text) => $"'{text.AsSpan(0, MaxLength)}…' ({text.Length} characters)",
            (_, string text) => $"'{text}'",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    public static string OfDate(long days) => days is > -719_162 and < 2_932_896
        ? DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : $"day {days}";

    public static string OfTimestamp(long micros)
    {
        var ticks = (decimal)micros * TimeSpan.TicksPerMicrosecond + DateTime.UnixEpoch.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? new DateTime((long)ticks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture)
            : $"{micros} µs";
    }
}
