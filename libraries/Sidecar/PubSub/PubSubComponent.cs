using System.Globalization;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar;

/// <summary>A broker with what its component's settings say to the runtime.</summary>
internal sealed class PubSubComponent(ComponentSpec spec, IPubSubBroker broker, SidecarOptions options)
{
    private readonly string _topicPrefix = NamesNamespace(spec) ? options.Namespace : "";

    public string Name => spec.Name;

    public IPubSubBroker Broker => broker;

    /// <summary>Which topics this sidecar's app may use.</summary>
    public TopicScopes Scopes { get; } = new(spec, options.AppId);

    /// <summary>Consumer group: setting <c>consumerGroup</c> where the type has it, else <c>consumerID</c> (both with Dapr's templates), else the app id.</summary>
    public string Group { get; } =
        Templates(options).Fill(spec).Text("consumerGroup", "").Trim() is { Length: > 0 } wide ? wide
        : Templates(options).Fill(spec).Text("consumerID", "").Trim() is { Length: > 0 } group ? group
        : options.AppId;

    /// <summary>Where a new group begins: setting <c>initialOffset</c>.</summary>
    public bool FromOldest { get; } = !(spec.Metadata.TryGetValue("initialOffset", out var initial) && initial.Equals("newest", StringComparison.OrdinalIgnoreCase));

    /// <summary>Setting <c>consumeRetryInterval</c>: milliseconds, or a number with unit ms, s or m.</summary>
    public TimeSpan? RetryDelay { get; } = spec.Metadata.TryGetValue("consumeRetryInterval", out var delay) ? ParseDuration(spec.Name, delay) : null;

    /// <summary>The broker's name of an app's topic: the namespace comes in front where a setting of the component names it (<c>{namespace}</c>).</summary>
    public string BrokerTopic(string topic) => _topicPrefix.Length == 0 ? topic : _topicPrefix + topic;

    /// <summary>The app's name of a broker's topic.</summary>
    public string AppTopic(string topic) =>
        _topicPrefix.Length > 0 && topic.StartsWith(_topicPrefix, StringComparison.Ordinal) ? topic[_topicPrefix.Length..] : topic;

    private static bool NamesNamespace(ComponentSpec spec) =>
        spec.Metadata.Values.Concat(spec.Settings.Select(setting => setting.Value ?? "")).Any(value => value.Contains("{namespace}", StringComparison.Ordinal));

    private static ComponentTemplates Templates(SidecarOptions options) =>
        new(options.AppId, options.Namespace, Environment.GetEnvironmentVariable("POD_NAME") ?? "", Guid.NewGuid);

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
