using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar;

/// <summary>
/// The components of a sidecar by name. They may come and go while it runs: readers see one consistent set, observers
/// (<see cref="IComponentObserver"/>) take part in each change.
/// </summary>
internal sealed class ComponentCatalog : IDisposable
{
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly SidecarOptions _options;
    private readonly List<IComponentObserver> _observers = [];
    private volatile Snapshot _current;

    public ComponentCatalog(IReadOnlyList<SidecarComponent> components, SidecarOptions options)
    {
        _options = options;
        _current = components.Aggregate(Snapshot.Empty, (snapshot, component) => snapshot.With(component, options));
    }

    /// <summary>All, in the order they came.</summary>
    public IReadOnlyList<SidecarComponent> Components => _current.All;

    public bool HasStateStores => _current.Stores.Count > 0;

    public bool HasPubSubs => _current.PubSubs.Count > 0;

    public PubSubComponent? PubSub(string name) => _current.PubSubs.GetValueOrDefault(name);

    public StateComponent? StateStore(string name) => _current.Stores.GetValueOrDefault(name);

    public void Dispose() => _changing.Dispose();

    public bool HasSecretStores => _current.SecretStores.Count > 0;

    public ISecretStore? SecretStore(string name) => _current.SecretStores.GetValueOrDefault(name);

    /// <summary>Before the sidecar starts.</summary>
    public void Observe(IComponentObserver observer) => _observers.Add(observer);

    /// <summary>Makes a started component known. An <see cref="ArgumentException"/> where its name is taken.</summary>
    public async Task AddAsync(SidecarComponent component, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            _current = _current.With(component, _options);
            foreach (var observer in _observers)
                await observer.AddedAsync(component, cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Takes a component out: from here on requests do not find it, then the observers let go of it. Returns it for its
    /// owner to dispose; null where there is none of the name.
    /// </summary>
    public async Task<SidecarComponent?> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_current.All.FirstOrDefault(component => component.Spec.Name == name) is not { } component)
                return null;
            _current = _current.Without(component);
            foreach (var observer in _observers)
                await observer.RemovedAsync(component, cancellationToken);
            return component;
        }
        finally
        {
            _changing.Release();
        }
    }

    private sealed record Snapshot(
        IReadOnlyList<SidecarComponent> All,
        IReadOnlyDictionary<string, PubSubComponent> PubSubs,
        IReadOnlyDictionary<string, StateComponent> Stores,
        IReadOnlyDictionary<string, ISecretStore> SecretStores)
    {
        public static Snapshot Empty { get; } = new([], new Dictionary<string, PubSubComponent>(), new Dictionary<string, StateComponent>(), new Dictionary<string, ISecretStore>());

        public Snapshot With(SidecarComponent component, SidecarOptions options)
        {
            var (spec, instance) = component;
            if (All.Any(other => other.Spec.Name == spec.Name))
                throw new ArgumentException($"component '{spec.Name}': found twice; expected a name of its own for each component", nameof(component));
            var pubSubs = new Dictionary<string, PubSubComponent>(PubSubs, StringComparer.Ordinal);
            var stores = new Dictionary<string, StateComponent>(Stores, StringComparer.Ordinal);
            if (instance is IPubSubBroker broker)
                pubSubs.Add(spec.Name, new PubSubComponent(spec, broker, options));
            if (instance is IStateStore store)
                stores.Add(spec.Name, new StateComponent(spec, store, options));
            var secretStores = new Dictionary<string, ISecretStore>(SecretStores, StringComparer.Ordinal);
            if (instance is ISecretStore secrets)
                secretStores.Add(spec.Name, secrets);
            return new Snapshot([.. All, component], pubSubs, stores, secretStores);
        }

        public Snapshot Without(SidecarComponent component) => new(
            [.. All.Where(other => other != component)],
            PubSubs.Where(pair => pair.Key != component.Spec.Name).ToDictionary(StringComparer.Ordinal),
            Stores.Where(pair => pair.Key != component.Spec.Name).ToDictionary(StringComparer.Ordinal),
            SecretStores.Where(pair => pair.Key != component.Spec.Name).ToDictionary(StringComparer.Ordinal));
    }
}

/// <summary>Takes part when components come and go.</summary>
internal interface IComponentObserver
{
    /// <summary>The component is known and started.</summary>
    Task AddedAsync(SidecarComponent component, CancellationToken cancellationToken);

    /// <summary>The component is no longer found; it is disposed as soon as this has ended.</summary>
    Task RemovedAsync(SidecarComponent component, CancellationToken cancellationToken);
}
