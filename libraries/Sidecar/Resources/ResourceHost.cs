using Microsoft.Extensions.Hosting;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>Reads the resource files of a sidecar, starts its components and gives them back when it stops.</summary>
internal sealed class ResourceHost(SidecarSetup setup, ComponentCatalog catalog, Microsoft.Extensions.Logging.ILoggerFactory logs) : IHostedLifecycleService
{
    private readonly List<SidecarComponent> _owned = [];

    /// <summary>Documents of <c>kind: Subscription</c> for this app, in the order of the files.</summary>
    public IReadOnlyList<ResourceDocument> Subscriptions { get; private set; } = [];

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (setup.Resources is not { } resources)
            return;
        var loaded = ComponentLoader.Load(resources.Paths, resources.Environment);
        var faults = loaded.Faults.Concat(resources.Types.Validate(loaded.Components)).ToList();
        if (faults.Count > 0)
            throw new RealTimeMeshException(string.Join(Environment.NewLine, faults));
        Subscriptions = loaded.Subscriptions;
        var context = new ComponentContext(setup.Options.AppId, resources.DataPath, setup.Time) { Logs = logs };
        var templates = new ComponentTemplates(setup.Options.AppId, setup.Options.Namespace, resources.Environment("POD_NAME") ?? "", Guid.NewGuid);
        foreach (var spec in loaded.Components.Where(spec => spec.Scopes.Count == 0 || spec.Scopes.Contains(setup.Options.AppId)))
        {
            var component = new SidecarComponent(spec, await resources.Types.StartAsync(templates.Fill(spec), context, cancellationToken));
            _owned.Add(component);
            await catalog.AddAsync(component, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        foreach (var component in Enumerable.Reverse(_owned))
            await component.Instance.DisposeAsync();
    }
}
