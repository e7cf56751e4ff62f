using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RealTimeMesh.Components;

/// <summary>A type of component that can be started, such as <c>state.redis</c>. One sealed class per type; the registry refuses duplicates.</summary>
public interface IComponentType
{
    /// <summary>The type as YAML names it.</summary>
    string Name { get; }

    /// <summary>The settings it knows; any other is a fault.</summary>
    IReadOnlyList<ComponentSetting> Settings { get; }

    /// <summary>True where settings it does not know are none of our business: they are passed on or ignored. Default: they are faults.</summary>
    bool AcceptsUnknownSettings => false;

    /// <summary>Starts a component: an <see cref="IPubSubBroker"/>, an <see cref="IStateStore"/> or an <see cref="ISecretStore"/>.</summary>
    Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken);
}

/// <summary>A setting of a component type.</summary>
/// <param name="Name">As daprd's component of the same type spells it; with <c>*</c> at its end, every name that begins so.</param>
/// <param name="Required">A missing one is a fault.</param>
/// <param name="Check">Returns what was expected where the value is wrong, null where it is right.</param>
public sealed record ComponentSetting(string Name, bool Required = false, Func<string, string?>? Check = null)
{
    /// <summary>Whether a setting of that name is meant; names are compared without case.</summary>
    public bool Matches(string name) => Name.EndsWith('*')
        ? name.Length >= Name.Length && name.AsSpan().StartsWith(Name.AsSpan(0, Name.Length - 1), StringComparison.OrdinalIgnoreCase)
        : string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a component may use of its host.</summary>
/// <param name="AppId">App id of the sidecar, the default consumer group.</param>
/// <param name="DataPath">Folder under which relative paths of embedded components lie.</param>
public sealed record ComponentContext(string AppId, string DataPath, TimeProvider Time)
{
    /// <summary>Where the component logs. Default: nowhere.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}
