using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>
/// The pipelines of the Configuration over the middleware that runs: a handler whose component of that name, type and
/// version is not there is passed over, until it comes.
/// </summary>
internal sealed class MiddlewarePipelines : IComponentObserver
{
    private const string Category = "dapr.middleware.http";

    private readonly SidecarConfiguration _configuration;
    private readonly ComponentCatalog _catalog;
    private readonly ILogger _logger;
    private volatile MiddlewareChain _server = MiddlewareChain.Empty;
    private volatile MiddlewareChain _app = MiddlewareChain.Empty;

    public MiddlewarePipelines(SidecarConfiguration configuration, ComponentCatalog catalog, ILoggerFactory logs)
    {
        (_configuration, _catalog, _logger) = (configuration, catalog, logs.CreateLogger(Category));
        catalog.Observe(this);
        Build();
    }

    /// <summary>Whether the Configuration names any in front of the API.</summary>
    public bool HasServer => _configuration.HttpPipeline.Count > 0;

    /// <summary>In front of the API.</summary>
    public MiddlewareChain Server => _server;

    /// <summary>In front of the app and of what else is called over HTTP.</summary>
    public MiddlewareChain App => _app;

    /// <summary>The handler behind the app's pipeline; itself where the Configuration names none.</summary>
    public HttpMessageHandler ToApp(HttpMessageHandler handler) => _configuration.AppHttpPipeline.Count > 0 ? new AppPipelineHandler(this, handler) : handler;

    public Task AddedAsync(SidecarComponent component, CancellationToken cancellationToken)
    {
        if (component.Instance is not IHttpMiddleware)
            return Task.CompletedTask;
        Log.MiddlewareAdded(_logger, component.Spec.Type, component.Spec.Version, component.Spec.Name);
        Build();
        return Task.CompletedTask;
    }

    public Task RemovedAsync(SidecarComponent component, CancellationToken cancellationToken)
    {
        if (component.Instance is not IHttpMiddleware)
            return Task.CompletedTask;
        Log.MiddlewareRemoved(_logger, component.Spec.Type, component.Spec.Version, component.Spec.Name);
        Build();
        return Task.CompletedTask;
    }

    private void Build()
    {
        _server = Build("server", _configuration.HttpPipeline);
        _app = Build("app", _configuration.AppHttpPipeline);
    }

    private MiddlewareChain Build(string name, IReadOnlyList<PipelineHandler> handlers)
    {
        if (handlers.Count == 0)
            return MiddlewareChain.Empty;
        Log.BuildingPipeline(_logger, name);
        return new MiddlewareChain([.. handlers.Select(Find).OfType<IHttpMiddleware>()]);
    }

    private IHttpMiddleware? Find(PipelineHandler handler) => _catalog.Components
        .FirstOrDefault(component => component.Spec.Name == handler.Name && component.Spec.Type == handler.Type && VersionOf(component.Spec.Version) == VersionOf(handler.Version))
        ?.Instance as IHttpMiddleware;

    private static string VersionOf(string version) => version.Length == 0 ? "v1" : version;
}
