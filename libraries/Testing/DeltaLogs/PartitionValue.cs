using System.Globalization;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>Whether a text is a value of a partition column (PROTOCOL.md, "Partition Value Serialization").</summary>
internal static class PartitionValue
{
    public static bool Fits(string type, string text) => type switch
    {
        "long" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "integer" => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "short" => short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "byte" => sbyte.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "float" or "double" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) || text is "NaN" or "Infinity" or "-Infinity",
        "boolean" => text is "true" or "false",
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "timestamp" => IsTime(text, 'T', true) || IsTime(text, ' ', false),
        "timestamp_ntz" => IsTime(text, ' ', false),
        _ when type.StartsWith("decimal", StringComparison.Ordinal) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) || text.Length > 28,
        _ => true,
    };

    private static bool IsTime(string text, char between, bool zoned)
    {
        if (text.Length < 19 || text[10] != between || text.EndsWith('Z') != zoned)
            return false;
        var bare = zoned ? text[..^1] : text;
        return DateTime.TryParseExact(bare, [$"yyyy-MM-dd'{between}'HH:mm:ss", $"yyyy-MM-dd'{between}'HH:mm:ss.FFFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }
}
