using System.Diagnostics;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Secrets;

/// <summary>Secrets of the configured stores, as far as the Configuration's scopes let the app read them.</summary>
internal sealed class SecretService(ComponentCatalog catalog, SidecarSetup setup, ResiliencyProvider resiliency, SidecarMetrics metrics)
{
    private readonly Dictionary<string, SecretScope> _scopes = setup.Configuration.SecretScopes.ToDictionary(scope => scope.StoreName, StringComparer.Ordinal);

    public async Task<IReadOnlyDictionary<string, string>> GetAsync(string store, string secret, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var component = Resolve(store);
        if (!IsAllowed(store, secret))
            throw SecretErrors.Denied(store, secret);
        return await MeasureAsync(store, "get", token => component.GetAsync(secret, metadata, token), cause => SecretErrors.GetFailed(store, secret, cause), cancellationToken);
    }

    /// <summary>All secrets the app may read.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(string store, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var component = Resolve(store);
        var all = await MeasureAsync(store, "bulk_get", token => component.GetAllAsync(metadata, token), cause => SecretErrors.BulkFailed(store, cause), cancellationToken);
        return all.Where(secret => IsAllowed(store, secret.Key)).ToDictionary(StringComparer.Ordinal);
    }

    private ISecretStore Resolve(string store) => catalog.SecretStore(store)
        ?? throw (catalog.HasSecretStores ? SecretErrors.NotFound(store) : SecretErrors.NotConfigured());

    private bool IsAllowed(string store, string secret) => !_scopes.TryGetValue(store, out var scope) || scope.Allows(secret);

    private async Task<T> MeasureAsync<T>(string store, string operation, Func<CancellationToken, Task<T>> read, Func<string, ApiException> fault, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var result = await resiliency.ForComponentOutbound(store, ComponentKind.Secretstore).RunAsync(read, cancellationToken);
            metrics.Secret(store, operation, success: true, Stopwatch.GetElapsedTime(start));
            return result;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            metrics.Secret(store, operation, success: false, Stopwatch.GetElapsedTime(start));
            throw fault(exception.Message);
        }
    }
}
