using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>The component types that a process can start.</summary>
public sealed class ComponentTypeRegistry
{
    // daprd finds types without regard to case.
    private readonly Dictionary<string, IComponentType> _types = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses two types of one name.</summary>
    public ComponentTypeRegistry(IEnumerable<IComponentType> types)
    {
        foreach (var type in types)
        {
            if (!_types.TryAdd(type.Name, type))
                throw new RealTimeMeshException($"component type '{type.Name}': found two ({_types[type.Name].GetType()} and {type.GetType()}); expected one; register only one of them.");
        }
    }

    /// <summary>Names of the types, sorted ordinally.</summary>
    public IReadOnlyList<string> Names => [.. _types.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The type of that name, or null.</summary>
    public IComponentType? Find(string name) => _types.GetValueOrDefault(name);

    /// <summary>Everything that keeps these components from being started.</summary>
    public IReadOnlyList<ConfigurationFault> Validate(IReadOnlyList<ComponentSpec> specs) => new ComponentValidator(this).Validate(specs);

    /// <summary>Starts a component. Throws <see cref="ConfigurationException"/> where its spec is wrong.</summary>
    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var faults = Validate([spec]);
        return faults.Count > 0
            ? throw new ConfigurationException(faults)
            : _types[spec.Type].StartAsync(spec, context, cancellationToken);
    }
}
