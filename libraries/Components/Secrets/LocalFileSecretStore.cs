namespace RealTimeMesh.Components;

/// <summary>Secrets that were read from a file.</summary>
internal sealed class LocalFileSecretStore(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets, bool multiValued) : ISecretStore
{
    public IReadOnlyList<string> Features { get; } = multiValued ? ["MULTIPLE_KEY_VALUES_PER_SECRET"] : [];

    public Task<IReadOnlyDictionary<string, string>> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        secrets.TryGetValue(name, out var values)
            ? Task.FromResult(values)
            : Task.FromException<IReadOnlyDictionary<string, string>>(new SecretStoreException($"secret {name} not found"));

    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        Task.FromResult(secrets);

    public ValueTask DisposeAsync() => default;
}
