using System.Collections.Concurrent;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Invocation.Http;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Metadata;

/// <summary>What the metadata API tells of this sidecar.</summary>
internal sealed class MetadataStore(SidecarSetup setup, ComponentCatalog catalog, SubscriptionHost subscriptions, HttpEndpoints endpoints, ResiliencyProvider resiliency)
{
    /// <summary>The Dapr version whose behaviour this runtime follows.</summary>
    public const string RuntimeVersion = "1.18.3";

    /// <summary>What daprd tells of actors where no placement service is set: these are its own words.</summary>
    public const string Placement = "placement: disconnected";

    private const int MaxExtended = 1024;

    private readonly ConcurrentDictionary<string, string> _extended = new(StringComparer.Ordinal) { ["daprRuntimeVersion"] = RuntimeVersion };

    public string AppId => setup.Options.AppId;

    public IReadOnlyList<string> EnabledFeatures { get; } = setup.Configuration.EnabledFeatures;

    public AppConnectionInfo AppConnection { get; } = AppConnectionInfo.Of(setup.Options);

    public IReadOnlyList<SubscriptionDefinition> Subscriptions => subscriptions.Subscriptions;

    /// <summary>Names of the HTTP endpoints that can be invoked.</summary>
    public IReadOnlyList<string> HttpEndpoints => endpoints.Names;

    /// <summary>Names of the Resiliency resources in effect.</summary>
    public IReadOnlyList<string> Resiliencies => resiliency.Names;

    public IEnumerable<KeyValuePair<string, string>> Extended => _extended.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    public IEnumerable<ComponentInfo> Components => catalog.Components.Select(component => new ComponentInfo(
        component.Spec.Name,
        component.Spec.Type,
        component.Spec.Version,
        component.Instance switch
        {
            IPubSubBroker broker => broker.Capabilities.Names,
            IStateStore store => store.Capabilities.Names,
            _ => [],
        }));

    /// <summary>Sets a label; false where there are too many.</summary>
    public bool TrySet(string key, string value)
    {
        if (_extended.Count >= MaxExtended && !_extended.ContainsKey(key))
            return false;
        _extended[key] = value;
        return true;
    }
}

internal sealed record ComponentInfo(string Name, string Type, string Version, IReadOnlyList<string> Capabilities);
