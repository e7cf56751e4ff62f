using System.Globalization;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Reads an event's time to live: metadata <c>ttl</c> or <c>ttlInSeconds</c> (without case), each a Go duration or whole seconds.</summary>
internal static class EventTtl
{
    /// <summary>When an event of now expires; null for never. What is no time to live is overlooked, as daprd does.</summary>
    public static DateTimeOffset? Expiration(Dictionary<string, string>? metadata, DateTimeOffset now)
    {
        if (metadata is null || (Find(metadata, "ttl") ?? Find(metadata, "ttlInSeconds")) is not { Length: > 0 } text || Parse(text) is not { } ttl)
            return null;
        return ttl < DateTimeOffset.MaxValue - now ? now + ttl : DateTimeOffset.MaxValue;
    }

    private static TimeSpan? Parse(string text)
    {
        if (GoDuration.TryParse(text, out var duration))
            return duration < TimeSpan.Zero ? TimeSpan.Zero : duration;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || seconds <= 0)
            return null;
        return seconds < TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
    }

    private static string? Find(Dictionary<string, string> metadata, string name)
    {
        foreach (var (key, value) in metadata)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}
