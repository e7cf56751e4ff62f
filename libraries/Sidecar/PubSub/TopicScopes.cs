using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>
/// Which topics of a component one app may publish and subscribe to: the settings <c>publishingScopes</c> and
/// <c>subscriptionScopes</c> (<c>app1=t1,t2;app2=t3</c>; an app that is not listed may use all), <c>allowedTopics</c>
/// (no others exist) and <c>protectedTopics</c> (open only to apps whose scope names them).
/// </summary>
internal sealed class TopicScopes(ComponentSpec spec, string appId)
{
    private readonly HashSet<string> _publishing = Scoped(spec, "publishingScopes", appId);
    private readonly HashSet<string> _subscribing = Scoped(spec, "subscriptionScopes", appId);
    private readonly HashSet<string> _allowed = Topics(spec, "allowedTopics");
    private readonly HashSet<string> _protected = Topics(spec, "protectedTopics");

    public bool MayPublish(string topic) => May(_publishing, topic);

    public bool MaySubscribe(string topic) => May(_subscribing, topic);

    private bool May(HashSet<string> scope, string topic)
    {
        if (_allowed.Count > 0 && !_allowed.Contains(topic))
            return false;
        return scope.Count == 0 ? !_protected.Contains(topic) : scope.Contains(topic);
    }

    private static HashSet<string> Scoped(ComponentSpec spec, string setting, string appId)
    {
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (var app in Value(spec, setting).Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = app.Split('=');
            // "app=" grants the topic without a name: the app is listed and may use nothing.
            if (parts.Length >= 2 && parts[0] == appId)
                topics.UnionWith(parts[1].Split(','));
        }

        return topics;
    }

    private static HashSet<string> Topics(ComponentSpec spec, string setting) =>
        Value(spec, setting) is { Length: > 0 } value ? new HashSet<string>(value.Split(','), StringComparer.Ordinal) : [];

    private static string Value(ComponentSpec spec, string setting) => spec.Text(setting, "").Replace(" ", "", StringComparison.Ordinal);
}
