namespace RealTimeMesh.Components;

/// <summary>
/// A key-value store behind a Dapr <c>state.*</c> component. Keys are those of the component (prefix included).
/// Every implementation passes the state compliance suite of <c>libraries/Testing</c>.
/// </summary>
public interface IStateStore : IAsyncDisposable
{
    StateCapabilities Capabilities { get; }

    /// <summary>The item of a key, or null where there is none or it has expired.</summary>
    Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>The items of many keys, in their order; null where there is none.</summary>
    Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Applies one operation.</summary>
    Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken);

    /// <summary>Applies all operations or none. The first conflict decides the outcome.</summary>
    Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);
}
