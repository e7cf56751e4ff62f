using System.Globalization;
using RealTimeMesh.Components;

namespace RealTimeMesh.Redis;

/// <summary>Durations as daprd's Redis components read them: Go's form, or a bare number of the setting's own unit.</summary>
internal static class RedisDuration
{
    private const string Expected = "a duration such as 500ms, 3s, 1h30m, or a whole number of milliseconds (-1 for none)";

    /// <summary>For timeouts: a bare number is milliseconds, a negative one means none.</summary>
    public static string? Check(string value) => value.Length == 0 || TryParse(value, out _) ? null : Expected;

    /// <summary>A duration that is zero or more; a bare number is milliseconds.</summary>
    public static string? CheckPositive(string value) => value.Length == 0 || (TryParse(value, out var parsed) && parsed >= TimeSpan.Zero) ? null : "a duration such as 15s, or a whole number of milliseconds; 0 turns it off";

    public static TimeSpan Milliseconds(this ComponentSpec spec, string name, TimeSpan fallback) =>
        spec.Text(name, "") is { Length: > 0 } value && TryParse(value, out var parsed) ? parsed : fallback;

    private static bool TryParse(string value, out TimeSpan parsed)
    {
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            parsed = number < 0 ? TimeSpan.FromTicks(-1) : TimeSpan.FromMilliseconds(Math.Min(number, int.MaxValue));
            return true;
        }

        return GoDuration.TryParse(value, out parsed);
    }
}
