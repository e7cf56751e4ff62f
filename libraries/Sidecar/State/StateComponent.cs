using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar;

/// <summary>A state store with the key prefix its component's settings ask for.</summary>
internal sealed class StateComponent(ComponentSpec spec, IStateStore store, SidecarOptions options)
{
    public const string Separator = "||";

    private readonly string _prefix = Prefix(spec, options);

    public string Name => spec.Name;

    public IStateStore Store => store;

    /// <summary>The store's key of an app's key.</summary>
    public string Key(string key) => _prefix + key;

    /// <summary>Setting <c>keyPrefix</c>: <c>appid</c> (default), <c>name</c>, <c>namespace</c>, <c>none</c> or a text of its own.</summary>
    private static string Prefix(ComponentSpec spec, SidecarOptions options)
    {
        var strategy = spec.Metadata.TryGetValue("keyPrefix", out var value) && value.Length > 0 ? value : "appid";
        if (strategy.Contains(Separator, StringComparison.Ordinal))
            throw new ArgumentException($"component '{spec.Name}': keyPrefix is '{strategy}'; expected a text without '||', which separates prefix and key");
        return strategy.ToLowerInvariant() switch
        {
            "appid" => options.AppId + Separator,
            "name" => spec.Name + Separator,
            "namespace" => $"{options.Namespace}.{options.AppId}{Separator}",
            "none" => "",
            _ => strategy + Separator,
        };
    }
}
