using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar;

/// <summary>The components of a sidecar by name.</summary>
internal sealed class ComponentCatalog
{
    private readonly Dictionary<string, PubSubComponent> _pubSubs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StateComponent> _stores = new(StringComparer.Ordinal);

    public ComponentCatalog(IReadOnlyList<SidecarComponent> components, string appId)
    {
        Components = components;
        foreach (var component in components)
        {
            var added = component.Instance switch
            {
                IPubSubBroker broker => _pubSubs.TryAdd(component.Spec.Name, new PubSubComponent(component.Spec, broker, appId)),
                IStateStore store => _stores.TryAdd(component.Spec.Name, new StateComponent(component.Spec, store, appId)),
                _ => throw new ArgumentException($"component '{component.Spec.Name}': found an instance of {component.Instance.GetType()}; expected a pub/sub broker or a state store", nameof(components)),
            };
            if (!added)
                throw new ArgumentException($"component '{component.Spec.Name}': found twice; expected a name of its own for each component", nameof(components));
        }
    }

    /// <summary>All, in the order they were given.</summary>
    public IReadOnlyList<SidecarComponent> Components { get; }

    public bool HasStateStores => _stores.Count > 0;

    public PubSubComponent? PubSub(string name) => _pubSubs.GetValueOrDefault(name);

    public StateComponent? StateStore(string name) => _stores.GetValueOrDefault(name);
}
