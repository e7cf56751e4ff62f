using System.Globalization;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>Durations as Go prints them: <c>3m0s</c>, <c>1.5s</c>, <c>100ms</c>.</summary>
internal static class GoDurationText
{
    public static string Of(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var sign = duration < TimeSpan.Zero ? "-" : "";
        duration = duration.Duration();
        if (duration < TimeSpan.FromSeconds(1))
        {
            return sign + (duration < TimeSpan.FromMilliseconds(1)
                ? Number(duration.TotalMicroseconds) + "µs"
                : Number(duration.TotalMilliseconds) + "ms");
        }

        var seconds = Number(duration.TotalSeconds % 60) + "s";
        if (duration < TimeSpan.FromMinutes(1))
            return sign + seconds;
        var minutes = $"{duration.Minutes}m{seconds}";
        return sign + (duration < TimeSpan.FromHours(1) ? minutes : $"{(long)duration.TotalHours}h{minutes}");
    }

    private static string Number(double number) => Math.Round(number, 7).ToString("0.#######", CultureInfo.InvariantCulture);
}
