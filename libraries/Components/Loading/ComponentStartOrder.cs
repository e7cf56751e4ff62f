namespace RealTimeMesh.Components;

/// <summary>
/// The order in which daprd starts components: secret stores first, the others as written; one whose secrets are in a store that
/// has not started yet waits for it, for good where the store never starts. Not safe for use by several threads at once.
/// </summary>
public sealed class ComponentStartOrder
{
    private readonly List<(string Store, ComponentSpec Spec)> _parked = [];

    /// <summary>Components that wait for a secret store.</summary>
    public IReadOnlyList<ComponentSpec> Parked => [.. _parked.Select(entry => entry.Spec)];

    /// <summary>Secret stores before all others; each group in its order.</summary>
    public static IEnumerable<ComponentSpec> SecretStoresFirst(IReadOnlyCollection<ComponentSpec> specs) =>
        specs.Where(IsSecretStore).Concat(specs.Where(spec => !IsSecretStore(spec)));

    /// <summary>Lets a component wait for a store; it takes the place of one of the same name that waits for the same store.</summary>
    public void Park(string secretStore, ComponentSpec spec)
    {
        var place = _parked.FindIndex(entry => entry.Store == secretStore && entry.Spec.Name == spec.Name);
        if (place < 0)
            _parked.Add((secretStore, spec));
        else
            _parked[place] = (secretStore, spec);
    }

    /// <summary>A component of the document was removed: it waits no longer.</summary>
    public void Remove(string name) => _parked.RemoveAll(entry => entry.Spec.Name == name);

    /// <summary>A component has started: those that waited for it, in their order; none where it is no secret store.</summary>
    public IReadOnlyList<ComponentSpec> Started(ComponentSpec spec)
    {
        if (!IsSecretStore(spec))
            return [];
        var ready = _parked.Where(entry => entry.Store == spec.Name).Select(entry => entry.Spec).ToList();
        _parked.RemoveAll(entry => entry.Store == spec.Name);
        return ready;
    }

    private static bool IsSecretStore(ComponentSpec spec) => spec.Type.StartsWith("secretstores.", StringComparison.Ordinal);
}
