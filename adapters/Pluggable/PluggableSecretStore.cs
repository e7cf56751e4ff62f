using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;
using Client = RealTimeMesh.Pluggable.Protocol.SecretStore.SecretStoreClient;

namespace RealTimeMesh.Pluggable;

/// <summary>A secret store behind a socket.</summary>
internal sealed class PluggableSecretStore(ComponentConnection connection, IReadOnlyList<string> features) : ISecretStore
{
    public IReadOnlyList<string> Features { get; } = features;

    public async Task<IReadOnlyDictionary<string, string>> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var request = new GetSecretRequest { Key = name };
        Copy(metadata, request.Metadata);
        var response = await connection.CallAsync((invoker, r, token) => new Client(invoker).GetAsync(r, cancellationToken: token), request, cancellationToken).ConfigureAwait(false);
        return new Dictionary<string, string>(response.Data, StringComparer.Ordinal);
    }

    public async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var request = new BulkGetSecretRequest();
        Copy(metadata, request.Metadata);
        var response = await connection.CallAsync((invoker, r, token) => new Client(invoker).BulkGetAsync(r, cancellationToken: token), request, cancellationToken).ConfigureAwait(false);
        return response.Data.ToDictionary(
            secret => secret.Key,
            secret => (IReadOnlyDictionary<string, string>)new Dictionary<string, string>(secret.Value.Secrets, StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static void Copy(IReadOnlyDictionary<string, string> from, Google.Protobuf.Collections.MapField<string, string> to)
    {
        foreach (var (name, value) in from)
            to[name] = value;
    }
}
