using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>Puts the values of secrets and environment variables in place of the references in a resource's settings, before the resource is started.</summary>
/// <param name="stores">The started secret store of a name, or null.</param>
/// <param name="environment">The value of an environment variable, or null.</param>
/// <param name="logger">daprd logs these messages under <c>dapr.runtime.processor.secret</c>.</param>
public sealed class SecretResolver(Func<string, ISecretStore?> stores, Func<string, string?> environment, ILogger logger)
{
    /// <summary>A component with its references resolved, or the secret store it has to wait for.</summary>
    public async Task<SecretResolution<ComponentSpec>> ResolveAsync(ComponentSpec spec, CancellationToken cancellationToken)
    {
        var (settings, missing) = await ResolveAsync("Component", spec.Name, spec.Namespace, spec.SecretStore, spec.Settings, cancellationToken).ConfigureAwait(false);
        // A spec without settings as written was made with its values in place.
        return missing is null && spec.Settings.Count > 0
            ? new(spec with { Settings = settings, Metadata = ComponentSpec.ValuesOf(settings) }, null)
            : new(spec, missing);
    }

    /// <summary>
    /// Settings with their references resolved, or the secret store they have to wait for. As in daprd, a secret that the store does not have
    /// is logged and leaves its setting as it is; the component then decides whether it can do without.
    /// </summary>
    public async Task<SecretResolution<IReadOnlyList<ResourceSetting>>> ResolveAsync(
        string kind, string name, string resourceNamespace, string secretStore, IReadOnlyList<ResourceSetting> settings, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["namespace"] = resourceNamespace };
        var secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        var resolved = new List<ResourceSetting>(settings.Count);
        foreach (var setting in settings)
        {
            if (setting.Value is null && setting.EnvRef.Length > 0)
            {
                resolved.Add(FromEnvironment(kind, name, setting));
                continue;
            }

            if (setting.SecretName.Length == 0)
            {
                resolved.Add(setting);
                continue;
            }

            if (stores(secretStore) is not { } store)
            {
                Log.SecretStoreNotLoaded(logger, kind, name, secretStore);
                return new(settings, secretStore);
            }

            if (!secrets.TryGetValue(setting.SecretName, out var values))
            {
                values = await GetAsync(store, setting.SecretName, metadata, cancellationToken).ConfigureAwait(false);
                if (values is not null)
                    secrets.Add(setting.SecretName, values);
            }

            var key = setting.SecretKey.Length > 0 ? setting.SecretKey : setting.SecretName;
            resolved.Add(values?.GetValueOrDefault(key) is { Length: > 0 } value ? setting with { Value = GoLiteral.Unquote(value) } : setting);
        }

        return new(resolved, null);
    }

    private ResourceSetting FromEnvironment(string kind, string name, ResourceSetting setting)
    {
        if (EnvironmentRules.IsReferable(setting.EnvRef, environment("DAPR_ENV_KEYS")))
            return setting with { Value = GoLiteral.Unquote(environment(setting.EnvRef) ?? ""), EnvRef = "" };
        Log.VariableNotAllowed(logger, kind, name, setting.EnvRef);
        return setting with { EnvRef = "" };
    }

    private async Task<IReadOnlyDictionary<string, string>?> GetAsync(ISecretStore store, string name, Dictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        try
        {
            return await store.GetAsync(name, metadata, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.SecretFailed(logger, e.Message);
            return null;
        }
    }
}

/// <summary>Outcome of resolving references.</summary>
/// <param name="Resource">The resource, unchanged where it has to wait.</param>
/// <param name="MissingStore">The secret store that is not started yet; null where everything was resolved. Empty where the resource names none.</param>
public sealed record SecretResolution<T>(T Resource, string? MissingStore);
