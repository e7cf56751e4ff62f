using System.Globalization;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>A topic whose events all wait equally long, so that waiting for its first is waiting for each.</summary>
/// <param name="Index">Place among the tiers, from 0.</param>
/// <param name="Delay">How long events wait.</param>
/// <param name="Topic">Where they wait.</param>
public sealed record RetryTier(int Index, TimeSpan Delay, string Topic)
{
    /// <summary>The tiers of a consumer of a topic: <c>{topic}.retry.{consumer}.{delay}</c>.</summary>
    public static IReadOnlyList<RetryTier> Of(string topic, string consumer, IReadOnlyList<TimeSpan> delays) => Named($"{topic}.retry.{consumer}", delays);

    /// <summary>Tiers of topics that begin with a prefix. Two of one length are told apart by a number.</summary>
    public static IReadOnlyList<RetryTier> Named(string prefix, IReadOnlyList<TimeSpan> delays)
    {
        List<RetryTier> tiers = [];
        foreach (var delay in delays)
        {
            if (delay < TimeSpan.Zero || delay > TimeSpan.FromDays(7))
                throw new ArgumentException($"retry tiers of '{prefix}': found {delay}; expected 0 to 7 days, within a broker's retention", nameof(delays));
            var topic = $"{prefix}.{Text(delay)}";
            tiers.Add(new RetryTier(tiers.Count, delay, tiers.Exists(tier => tier.Topic == topic) ? $"{topic}.{tiers.Count}" : topic));
        }

        return tiers;
    }

    /// <summary>Such as <c>10s</c>, <c>1m</c>, <c>90s</c>, <c>2h</c>, <c>250ms</c>.</summary>
    public static string Text(TimeSpan delay)
    {
        var milliseconds = (long)delay.TotalMilliseconds;
        var (value, unit) = milliseconds switch
        {
            _ when milliseconds % 1_000 != 0 => (milliseconds, "ms"),
            _ when milliseconds % 60_000 != 0 || milliseconds == 0 => (milliseconds / 1_000, "s"),
            _ when milliseconds % 3_600_000 != 0 => (milliseconds / 60_000, "m"),
            _ => (milliseconds / 3_600_000, "h"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
    }
}
