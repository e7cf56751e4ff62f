using System.Globalization;

namespace RealTimeMesh.Pipelines;

/// <summary>Durations as people write them: <c>250ms</c>, <c>30s</c>, <c>15m</c>, <c>1h30m</c>, <c>1d</c>.</summary>
public static class Durations
{
    /// <summary>Reads a duration: whole numbers with units in any falling order. A number without a unit is refused.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        long ticks = 0;
        var last = long.MaxValue;
        var i = 0;
        while (i < text.Length)
        {
            var start = i;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
                i++;
            if (!long.TryParse(text.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;
            start = i;
            while (i < text.Length && char.IsAsciiLetter(text[i]))
                i++;
            var unit = text.AsSpan(start, i - start) switch
            {
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                "d" => TimeSpan.TicksPerDay,
                _ => 0,
            };
            if (unit == 0 || unit >= last || number > (long.MaxValue - ticks) / unit)
                return false;
            ticks += number * unit;
            last = unit;
        }

        duration = new TimeSpan(ticks);
        return text.Length > 0;
    }
}
