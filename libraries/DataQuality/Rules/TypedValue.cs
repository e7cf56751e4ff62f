using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>JSON and text values read as the values of a field.</summary>
internal static class TypedValue
{
    private static readonly string[] TimestampFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFZ",
        "yyyy-MM-dd HH:mm:ss.FFFFFFzzz", "yyyy-MM-ddTHH:mm:ss.FFFFFFzzz",
    ];

    /// <summary>What a value of this field looks like in a suite.</summary>
    public static string Expected(FieldType type) => type switch
    {
        FieldType.String => "text",
        FieldType.Date => "a date such as \"2001-01-31\"",
        FieldType.Timestamp => "a time such as \"2001-01-31T18:30:00Z\"",
        FieldType.Boolean => "true or false",
        FieldType.Bytes => "nothing: bytes cannot be compared",
        _ => "a number",
    };

    public static bool TryDecimal(JsonElement value, FieldType type, out decimal number)
    {
        number = 0;
        if (type is FieldType.Date or FieldType.Timestamp)
        {
            if (value.ValueKind != JsonValueKind.String || !TryLong(value.GetString()!, type, out var time))
                return false;
            number = time;
            return true;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out number);
    }

    /// <summary>A cell of a reference table, or a date or timestamp, as a long.</summary>
    public static bool TryLong(string text, FieldType type, out long value)
    {
        value = 0;
        switch (type)
        {
            case FieldType.Date:
                if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
                    return false;
                value = date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
                return true;
            case FieldType.Timestamp:
                const DateTimeStyles style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
                if (!DateTimeOffset.TryParseExact(text, TimestampFormats, CultureInfo.InvariantCulture, style, out var time))
                    return false;
                value = (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
                return true;
            default:
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        }
    }
}
