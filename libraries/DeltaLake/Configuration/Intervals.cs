using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>Spark's calendar intervals as table properties use them: <c>interval 7 days</c>, <c>interval 1 week 12 hours</c>.</summary>
internal static class Intervals
{
    private static readonly Dictionary<string, long> s_ticks = new(StringComparer.OrdinalIgnoreCase)
    {
        ["week"] = 7 * TimeSpan.TicksPerDay,
        ["day"] = TimeSpan.TicksPerDay,
        ["hour"] = TimeSpan.TicksPerHour,
        ["minute"] = TimeSpan.TicksPerMinute,
        ["second"] = TimeSpan.TicksPerSecond,
        ["millisecond"] = TimeSpan.TicksPerMillisecond,
        ["microsecond"] = TimeSpan.TicksPerMicrosecond,
    };

    /// <summary>Months and years are refused: they have no fixed length.</summary>
    public static bool TryParse(string text, out TimeSpan interval)
    {
        interval = default;
        var words = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var at = words.Length > 0 && words[0].Equals("interval", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        if (words.Length == at || (words.Length - at) % 2 != 0)
            return false;
        var total = 0m;
        for (; at < words.Length; at += 2)
        {
            var unit = words[at + 1].EndsWith('s') ? words[at + 1][..^1] : words[at + 1];
            if (!decimal.TryParse(words[at].Trim('\''), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) || !s_ticks.TryGetValue(unit, out var ticks))
                return false;
            total += count * ticks;
        }

        if (total < 0 || total > TimeSpan.MaxValue.Ticks)
            return false;
        interval = TimeSpan.FromTicks((long)total);
        return true;
    }
}
