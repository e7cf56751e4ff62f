using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Health;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>Makes what runs follow the resource files. A fault that daprd does not survive ends the sidecar.</summary>
internal sealed class ResourceReloader(SidecarSetup setup, ComponentSet components, SubscriptionHost subscriptions, SidecarEnding ending, ILogger<ResourceReloader> logger)
{
    private LoadedResources _current = LoadedResources.None;

    /// <summary>What ran before the first look.</summary>
    public void Begin(LoadedResources loaded) => _current = loaded;

    /// <summary>Reads the files and applies what has changed.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var loaded = LoadedResources.Read(setup, "failed to load resources from disk", logger);
            await ApplyAsync(ComponentDiff.Between(components.Specs, loaded.Components), cancellationToken);
            await ApplyAsync(loaded);
            RequestRestart(_current.Restarting, loaded.Restarting);
            _current = loaded;
        }
        catch (ResourceException exception)
        {
            ending.Fail(exception.Message);
        }
    }

    private async Task ApplyAsync(ComponentDiff diff, CancellationToken cancellationToken)
    {
        foreach (var spec in diff.Deleted)
        {
            Log.ComponentDeleted(logger, spec.LogName);
            await components.RemoveAsync(spec.Name, cancellationToken);
        }

        foreach (var spec in diff.Updated)
        {
            Log.ComponentClosing(logger, spec.LogName);
            await components.RemoveAsync(spec.Name, cancellationToken);
            Log.ComponentAdding(logger, spec.LogName);
            await components.AddAsync(spec, cancellationToken);
            Log.ComponentUpdated(logger, spec.LogName);
        }

        foreach (var spec in diff.Created)
        {
            Log.ComponentAdding(logger, spec.LogName);
            await components.AddAsync(spec, cancellationToken);
            Log.ComponentUpdated(logger, spec.LogName);
        }
    }

    private async Task ApplyAsync(LoadedResources loaded)
    {
        // Told only of changes: a running subscription is not disturbed by a file that says the same again.
        if (!_current.Subscriptions.Select(document => document.Root.ToJson()).SequenceEqual(loaded.Subscriptions.Select(document => document.Root.ToJson()), StringComparer.Ordinal))
            await subscriptions.SetDeclarativeAsync(loaded.Subscriptions);
    }

    private void RequestRestart(IReadOnlyDictionary<(string Kind, string Name), string> before, IReadOnlyDictionary<(string Kind, string Name), string> after)
    {
        var changed = false;
        foreach (var (key, spec) in after)
        {
            if (!before.TryGetValue(key, out var old) || old != spec)
                Change(key, before.ContainsKey(key) ? "UPDATED" : "CREATED");
        }

        foreach (var key in before.Keys.Where(key => !after.ContainsKey(key)))
            Change(key, "DELETED");
        if (changed)
            setup.Resources!.RequestRestart?.Invoke();

        void Change((string Kind, string Name) resource, string change)
        {
            changed = true;
            Log.RestartRequested(logger, resource.Kind, change, resource.Name);
        }
    }
}
