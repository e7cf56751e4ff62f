using System.Buffers;
using System.Globalization;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>Durations of policies: plain integers are milliseconds, all else is Go's form.</summary>
internal static class PolicyDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Null with the reason in Go's words where the text is no duration.</summary>
    public static TimeSpan? TryParse(string text, out string error)
    {
        error = "";
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            && Math.Abs((double)milliseconds) < TimeSpan.MaxValue.TotalMilliseconds)
            return TimeSpan.FromTicks(milliseconds * TimeSpan.TicksPerMillisecond);
        if (text.Length > 0 && text.AsSpan().Trim().Length == text.Length && GoDuration.TryParse(text, out var duration))
            return duration;
        error = Fault(text);
        return null;
    }

    private static string Fault(string text)
    {
        var rest = text.AsSpan().TrimStart("+-");
        var end = rest.IndexOfAnyExcept(Digits);
        if (rest.Length == 0 || end == 0 || (end < 0 && !double.TryParse(rest, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)))
            return $"time: invalid duration \"{text}\"";
        if (end < 0)
            return $"time: missing unit in duration \"{text}\"";
        var unit = rest[end..];
        var next = unit.IndexOfAny(Digits);
        unit = next < 0 ? unit : unit[..next];
        return unit is "ns" or "us" or "µs" or "ms" or "s" or "m" or "h" ? $"time: invalid duration \"{text}\"" : $"time: unknown unit \"{unit}\" in duration \"{text}\"";
    }
}
