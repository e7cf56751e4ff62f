namespace RealTimeMesh.Components;

/// <summary>
/// A store of secrets behind a Dapr <c>secretstores.*</c> component. A secret has a name and one or more values by key;
/// stores of single values use the secret's name as key.
/// </summary>
public interface ISecretStore : IAsyncDisposable
{
    /// <summary>Names for Dapr's metadata API, such as <c>MULTIPLE_KEY_VALUES_PER_SECRET</c>.</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>The values of a secret. Throws <see cref="SecretStoreException"/> (or a component's own error) where it cannot be had.</summary>
    /// <param name="name">The secret's name.</param>
    /// <param name="metadata">The caller's request metadata, such as <c>namespace</c> or <c>version_id</c>; stores ignore what they do not know.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyDictionary<string, string>> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);

    /// <summary>All secrets of the store by name.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);
}
