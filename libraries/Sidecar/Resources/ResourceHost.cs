using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Configurations;
using RealTimeMesh.Sidecar.Invocation.Http;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>Reads the resource files of a sidecar before it serves, keeps what runs in step with them, and stops its components last of all.</summary>
internal sealed class ResourceHost(
    SidecarSetup setup,
    ComponentCatalog catalog,
    ComponentSet components,
    HttpEndpoints endpoints,
    SubscriptionHost subscriptions,
    ResourceReloader reloader,
    TimeProvider time,
    ILoggerFactory logs) : IHostedLifecycleService, IDisposable
{
    private readonly ILogger _logger = logs.CreateLogger<ResourceHost>();
    private readonly CancellationTokenSource _stopping = new();
    private ResourceWatcher? _watcher;
    private Task _watching = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (setup.Resources is not { } resources)
            return;
        if (resources.HotReload && setup.Configuration.IsEnabled(SidecarConfiguration.HotReload))
        {
            _watcher = new ResourceWatcher(resources, time, logs.CreateLogger<ResourceWatcher>());
            _watcher.Begin();
        }

        Log.ComponentsLoading(_logger);
        var loaded = LoadedResources.Read(setup, "failed to load components", _logger);
        reloader.Begin(loaded);
        foreach (var spec in ComponentDiff.SecretStoresFirst(loaded.Components))
            await components.AddAsync(spec, cancellationToken);
        Log.ComponentsProcessed(_logger);
        foreach (var scope in setup.Configuration.SecretScopes.Where(scope => catalog.SecretStore(scope.StoreName) is null))
            Log.SecretScopeWithoutStore(_logger, scope.StoreName);
        await LoadEndpointsAsync(loaded, cancellationToken);
        await LoadSubscriptionsAsync(loaded);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (_watcher is null)
        {
            Log.HotReloadOff(_logger);
            return Task.CompletedTask;
        }

        Log.HotReloadOn(_logger);
        _watching = WatchAsync(_watcher);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => components.StopAsync();

    public void Dispose()
    {
        _watcher?.Dispose();
        _stopping.Dispose();
    }

    private async Task LoadEndpointsAsync(LoadedResources loaded, CancellationToken cancellationToken)
    {
        var read = new List<HttpEndpoint>(loaded.HttpEndpoints.Count);
        foreach (var document in loaded.HttpEndpoints)
            read.Add(await HttpEndpointReader.ReadAsync(document, components, cancellationToken));
        endpoints.Set(read);
    }

    private async Task LoadSubscriptionsAsync(LoadedResources loaded)
    {
        Log.SubscriptionsLoading(_logger);
        foreach (var document in loaded.Subscriptions)
            Log.SubscriptionFound(_logger, document.Name);
        await subscriptions.SetDeclarativeAsync(loaded.Subscriptions);
    }

    private async Task WatchAsync(ResourceWatcher watcher)
    {
        try
        {
            await watcher.RunAsync(reloader.ReloadAsync, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The sidecar stops.
        }
        catch (Exception exception)
        {
            Log.WatchingFailed(_logger, exception);
        }
    }
}
