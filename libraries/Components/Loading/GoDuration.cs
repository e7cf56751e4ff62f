using System.Buffers;
using System.Globalization;
using System.Text;

namespace RealTimeMesh.Components;

/// <summary>Durations as Dapr's YAML writes them: <c>1h30m</c>, <c>1.5s</c>, <c>100ms</c>, <c>0</c>.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>False where the text is no such duration or exceeds what a <see cref="TimeSpan"/> holds.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan().Trim();
        var sign = 1;
        if (rest.Length > 0 && rest[0] is '-' or '+')
        {
            sign = rest[0] == '-' ? -1 : 1;
            rest = rest[1..];
        }

        if (rest is "0")
            return true;
        if (rest.IsEmpty)
            return false;
        double ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var end = rest.IndexOfAny(Digits);
            var unit = end < 0 ? rest : rest[..end];
            var unitTicks = UnitTicks(unit);
            if (unitTicks == 0)
                return false;
            ticks += number * unitTicks;
            rest = rest[unit.Length..];
        }

        if (ticks > TimeSpan.MaxValue.Ticks)
            return false;
        duration = TimeSpan.FromTicks(sign * (long)Math.Round(ticks));
        return true;
    }

    /// <summary>As Go prints a duration: <c>1h2m3.5s</c>, <c>10ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var ticks = (decimal)Math.Abs((double)duration.Ticks);
        var sign = duration < TimeSpan.Zero ? "-" : "";
        if (ticks < TimeSpan.TicksPerMicrosecond)
            return $"{sign}{Number(ticks * 100)}ns";
        if (ticks < TimeSpan.TicksPerMillisecond)
            return $"{sign}{Number(ticks / TimeSpan.TicksPerMicrosecond)}µs";
        if (ticks < TimeSpan.TicksPerSecond)
            return $"{sign}{Number(ticks / TimeSpan.TicksPerMillisecond)}ms";
        var text = new StringBuilder(sign);
        var hours = Math.Floor(ticks / TimeSpan.TicksPerHour);
        var minutes = Math.Floor(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        if (hours > 0)
            text.Append(CultureInfo.InvariantCulture, $"{Number(hours)}h");
        if (hours > 0 || minutes > 0)
            text.Append(CultureInfo.InvariantCulture, $"{Number(minutes)}m");
        return text.Append(CultureInfo.InvariantCulture, $"{Number(ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond)}s").ToString();
    }

    private static string Number(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static double UnitTicks(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 0.01,
        "us" or "µs" => TimeSpan.TicksPerMicrosecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        _ => 0,
    };
}
