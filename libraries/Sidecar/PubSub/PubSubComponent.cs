using System.Globalization;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar;

/// <summary>A broker with what its component's settings say to the runtime.</summary>
internal sealed class PubSubComponent(ComponentSpec spec, IPubSubBroker broker, SidecarOptions options)
{
    public string Name => spec.Name;

    public IPubSubBroker Broker => broker;

    /// <summary>Consumer group: setting <c>consumerID</c> (with Dapr's templates), else the app id.</summary>
    public string Group { get; } = spec.Metadata.TryGetValue("consumerID", out var group) && group.Length > 0
        ? group.Replace("{appID}", options.AppId, StringComparison.Ordinal).Replace("{namespace}", options.Namespace, StringComparison.Ordinal)
        : options.AppId;

    /// <summary>Where a new group begins: setting <c>initialOffset</c>.</summary>
    public bool FromOldest { get; } = !(spec.Metadata.TryGetValue("initialOffset", out var initial) && initial.Equals("newest", StringComparison.OrdinalIgnoreCase));

    /// <summary>Setting <c>consumeRetryInterval</c>: milliseconds, or a number with unit ms, s or m.</summary>
    public TimeSpan? RetryDelay { get; } = spec.Metadata.TryGetValue("consumeRetryInterval", out var delay) ? ParseDuration(spec.Name, delay) : null;

    private static TimeSpan ParseDuration(string component, string text)
    {
        var digits = text.AsSpan().TrimEnd("msh").Length;
        if (double.TryParse(text.AsSpan(0, digits), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0)
        {
            switch (text[digits..])
            {
                case "" or "ms":
                    return TimeSpan.FromMilliseconds(number);
                case "s":
                    return TimeSpan.FromSeconds(number);
                case "m":
                    return TimeSpan.FromMinutes(number);
            }
        }

        throw new ArgumentException($"component '{component}': consumeRetryInterval is '{text}'; expected milliseconds or a duration such as 200ms, 2s, 1m");
    }
}
