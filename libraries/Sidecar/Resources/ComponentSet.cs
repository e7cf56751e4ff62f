using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>The components of the resource files that run, and those that wait for their secret store. Changed by one caller at a time.</summary>
internal sealed class ComponentSet(SidecarSetup setup, ComponentCatalog catalog, SidecarMetrics metrics, ILoggerFactory logs)
{
    private readonly ILogger _logger = logs.CreateLogger<ComponentSet>();
    private readonly ComponentStarter _starter = new(setup, logs);
    private readonly Dictionary<string, (ComponentSpec Spec, SidecarComponent? Running)> _components = new(StringComparer.Ordinal);
    private SecretResolver? _resolver;

    /// <summary>The specs as they were read, those that wait included.</summary>
    public IReadOnlyDictionary<string, ComponentSpec> Specs => _components.ToDictionary(entry => entry.Key, entry => entry.Value.Spec, StringComparer.Ordinal);

    /// <summary>Starts a component, and those that waited for it. Throws a <see cref="ResourceException"/> where one fails whose errors count.</summary>
    public async Task AddAsync(ComponentSpec spec, CancellationToken cancellationToken)
    {
        Log.ComponentLoading(_logger, spec.LogName);
        var resolution = await Resolver().ResolveAsync(spec, cancellationToken);
        _components[spec.Name] = (spec, null);
        if (resolution.MissingStore is not null)
            return;
        try
        {
            await StartAsync(spec, resolution.Resource, cancellationToken);
        }
        catch (ResourceException exception)
        {
            var text = $"process component {spec.Name} error: {exception.Message}";
            if (!spec.IgnoreErrors)
            {
                Log.ComponentFatal(_logger, text);
                throw new ResourceException(text, exception);
            }

            // Unknown again, so that the next look at the files tries it once more.
            _components.Remove(spec.Name);
            Log.ComponentErrorIgnored(_logger, text);
            return;
        }

        if (ComponentCategories.IsSecretStore(spec.Type))
            await AddWaitingAsync(spec.Name, cancellationToken);
    }

    /// <summary>Takes a component out and stops it; nothing where it does not run.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        if (!_components.Remove(name, out var entry) || entry.Running is null)
            return;
        await catalog.RemoveAsync(name, cancellationToken);
        await DisposeAsync(entry.Running);
    }

    /// <summary>Stops all, the last first.</summary>
    public async Task StopAsync()
    {
        foreach (var (_, running) in _components.Values.Reverse().ToList())
        {
            if (running is not null)
                await DisposeAsync(running);
        }

        _components.Clear();
    }

    private async Task StartAsync(ComponentSpec spec, ComponentSpec resolved, CancellationToken cancellationToken)
    {
        IAsyncDisposable instance;
        try
        {
            instance = await _starter.StartAsync(resolved, cancellationToken);
        }
        catch (ResourceException exception) when (exception.Message.StartsWith('['))
        {
            Log.ComponentInitFailed(_logger, spec.LogName, exception.Message);
            metrics.ComponentFailed(spec.Type, exception.Message.StartsWith("[CREATE", StringComparison.Ordinal) ? "creation" : "init", spec.Name);
            throw new ResourceException($"[INIT_COMPONENT_FAILURE]: initialization error occurred for {spec.LogName}: {exception.Message}", exception);
        }

        var component = new SidecarComponent(resolved, instance);
        _components[spec.Name] = (spec, component);
        try
        {
            await catalog.AddAsync(component, cancellationToken);
        }
        catch (Exception exception) when (exception is ArgumentException or RealTimeMeshException)
        {
            // The runtime's own settings of the component are wrong.
            _components[spec.Name] = (spec, null);
            await instance.DisposeAsync();
            throw new ResourceException($"[INIT_COMPONENT_FAILURE]: initialization error occurred for {spec.LogName}: {exception.Message}", exception);
        }

        Log.ComponentLoaded(_logger, spec.LogName);
        metrics.ComponentStarted(spec.Type);
        metrics.ComponentLoaded();
    }

    private async Task AddWaitingAsync(string secretStore, CancellationToken cancellationToken)
    {
        var waiting = _components.Values
            .Where(entry => entry.Running is null && entry.Spec.SecretStore == secretStore && entry.Spec.Settings.Any(setting => setting.SecretName.Length > 0))
            .Select(entry => entry.Spec).ToList();
        foreach (var spec in waiting)
            await AddAsync(spec, cancellationToken);
    }

    /// <summary>Settings of a resource that is no component, with the secrets of the stores that run. Throws a <see cref="ResourceException"/> where a store is missing.</summary>
    public async Task<IReadOnlyList<ResourceSetting>> ResolveAsync(ResourceDocument document, string secretStore, IReadOnlyList<ResourceSetting> settings, CancellationToken cancellationToken)
    {
        var resolution = await Resolver().ResolveAsync(document.Kind, document.Name, document.Namespace, secretStore, settings, cancellationToken);
        return resolution.MissingStore is { } missing
            ? throw new ResourceException($"{document.Kind} {document.Name}: secret store {missing} is not loaded")
            : resolution.Resource;
    }

    private SecretResolver Resolver() => _resolver ??= new SecretResolver(
        name => catalog.SecretStore(name), setup.Resources!.Environment, logs.CreateLogger("dapr.runtime.processor.secret"));

    private async Task DisposeAsync(SidecarComponent component)
    {
        Log.ComponentStopping(_logger, component.Spec.LogName);
        try
        {
            await component.Instance.DisposeAsync();
        }
        catch (Exception exception)
        {
            // The others must be stopped all the same.
            Log.ComponentStopFailed(_logger, exception, component.Spec.LogName);
        }
    }
}
