using System.Globalization;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>Durations as daprd's component reads them: Go's form, or a bare number of seconds. Some settings have a second name.</summary>
internal static class SqliteDuration
{
    public static string? Check(string value) => value.Length == 0 || TryParse(value, out _) ? null : "a duration such as 20s, 500ms, 1h, or a whole number of seconds";

    public static TimeSpan Seconds(this ComponentSpec spec, TimeSpan fallback, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (spec.Text(name, "") is { Length: > 0 } value && TryParse(value, out var parsed))
                return parsed;
        }

        return fallback;
    }

    private static bool TryParse(string value, out TimeSpan parsed)
    {
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            return GoDuration.TryParse(value, out parsed);
        parsed = TimeSpan.FromSeconds(Math.Clamp(seconds, int.MinValue, int.MaxValue));
        return true;
    }
}
