using System.Globalization;

namespace RealTimeMesh.Sqlite;

/// <summary>Times as SQLite's CURRENT_TIMESTAMP writes them: UTC, whole seconds. As texts they are in the order of time.</summary>
internal static class SqliteTimes
{
    private const string Format = "yyyy-MM-dd HH:mm:ss";

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>When a time to live that begins now ends; null where there is none.</summary>
    public static string? End(DateTimeOffset now, TimeSpan? ttl) =>
        ttl is { } some && some > TimeSpan.Zero ? Text(now + TimeSpan.FromSeconds(Math.Ceiling(some.TotalSeconds))) : null;

    public static DateTimeOffset Parse(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
