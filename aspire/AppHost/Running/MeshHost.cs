using RealTimeMesh.AppHost.Topology;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters;
using RealTimeMesh.Garnet;
using RealTimeMesh.Pipelines;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Sidecar.Invocation.Names;
using RealTimeMesh.SqliteDeadLetters;
using RealTimeMesh.Topics;
using RealTimeMesh.Warehouse;

namespace RealTimeMesh.AppHost.Running;

/// <summary>
/// Everything that runs: stand-ins, then a sidecar for each app, then the services, each waited for by its health.
/// Stops in the order that loses nothing: producers, deliveries, consumers, stand-ins.
/// </summary>
internal sealed class MeshHost(HostOptions options, MeshPlan plan, ComponentTypeRegistry types, TimeProvider time, HostReporter reporter) : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly InProcessNames _names = new();
    private readonly ILoggerFactory _logs = LoggerFactory.Create(Quiet);
    private readonly List<(string Name, IAsyncDisposable Part)> _standIns = [];
    private readonly List<(string Name, IAsyncDisposable Part)> _components = [];
    private readonly List<(AppPlan App, WebApplication Sidecar)> _sidecars = [];
    private readonly List<(AppPlan App, WebApplication Service)> _services = [];
    private readonly List<(AppPlan App, ChildApp Process)> _children = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var gate = new HealthGate(_http, time, options.StartTimeout);
        await StartStandInsAsync(gate, cancellationToken);
        foreach (var app in plan.Apps)
            _sidecars.Add((app, await StartSidecarAsync(app, cancellationToken)));
        await StartTopicsAsync(cancellationToken);
        await StartDeadLettersAsync(cancellationToken);
        foreach (var app in plan.Apps)
            await StartAppAsync(app, gate, cancellationToken);
        foreach (var app in plan.Apps)
            await gate.WaitAsync($"sidecar of '{app.App.AppId}'", MeshPlan.Loopback(app.DaprHttpPort), "/v1.0/healthz", null, cancellationToken);
        EndpointsFile.Write(options.DataPath, plan);
    }

    public async ValueTask DisposeAsync()
    {
        EndpointsFile.Delete(options.DataPath);
        var producers = _services.Where(part => part.App.InProcess!.AddressKey == "MESH_INGESTION_URL").ToList();
        foreach (var (app, service) in producers)
            await StopAsync(app.App.AppId, service);
        foreach (var (app, child) in _children)
            await GuardAsync(app.App.AppId, () => child.DisposeAsync().AsTask());
        await Task.WhenAll(_sidecars.Select(part => StopAsync($"sidecar of '{part.App.App.AppId}'", part.Sidecar)));
        await Task.WhenAll(_services.Except(producers).Select(part => StopAsync(part.App.App.AppId, part.Service)));
        foreach (var (name, part) in Enumerable.Reverse(_components).Concat(Enumerable.Reverse(_standIns)))
            await GuardAsync(name, () => part.DisposeAsync().AsTask());
        _http.Dispose();
        _logs.Dispose();
    }

    private async Task StartStandInsAsync(HealthGate gate, CancellationToken cancellationToken)
    {
        if (plan.RedisPort != 0)
            _standIns.Add(("redis", await GarnetStandIn.StartAsync(new GarnetOptions { Port = plan.RedisPort, DataPath = Path.Combine(options.DataPath, "redis") }, _logs, cancellationToken)));
        await StartStandInAsync("schema-registry", SchemaRegistryApp.Build, plan.RegistryPort, gate, cancellationToken);
        await StartStandInAsync("warehouse", WarehouseApp.Build, plan.WarehousePort, gate, cancellationToken);
    }

    private async Task StartStandInAsync(string name, Func<string[], WebApplication> build, int port, HealthGate gate, CancellationToken cancellationToken)
    {
        var service = build(ServiceArguments.AsArguments(ServiceArguments.For(options, plan, port, null)));
        _standIns.Add((name, new StoppedOnDispose(() => StopAsync(name, service))));
        await service.StartAsync(cancellationToken);
        await gate.WaitAsync(name, MeshPlan.Loopback(port), "/healthz", null, cancellationToken);
    }

    private async Task<WebApplication> StartSidecarAsync(AppPlan app, CancellationToken cancellationToken)
    {
        var context = new ComponentContext(app.App.AppId, options.DataPath, time) { Logs = _logs };
        List<SidecarComponent> components = [];
        foreach (var spec in plan.Components.Where(spec => spec.Scopes.Count == 0 || spec.Scopes.Contains(app.App.AppId)))
        {
            var instance = await types.StartAsync(spec, context, cancellationToken);
            _components.Add(($"component '{spec.Name}' of '{app.App.AppId}'", instance));
            components.Add(new SidecarComponent(spec, instance));
        }

        var sidecar = SidecarApp.Build(new SidecarSetup
        {
            Options = new SidecarOptions { AppId = app.App.AppId, HttpPort = app.DaprHttpPort, GrpcPort = app.DaprGrpcPort, InternalGrpcPort = 0, AppPort = app.Port },
            Components = components,
            Names = _names,
            Time = time,
            Logging = Quiet,
        });
        await sidecar.StartAsync(cancellationToken);
        return sidecar;
    }

    /// <summary>Administration has an instance of the component of its own, whatever its scopes: it acts for whoever runs the mesh, not for an app.</summary>
    private async Task StartTopicsAsync(CancellationToken cancellationToken)
    {
        if (plan.TopicsUrl is not { } url || plan.Components.FirstOrDefault(MeshPlan.IsAdministered) is not { } spec)
            return;
        var instance = await types.StartAsync(spec, new ComponentContext("topics", options.DataPath, time) { Logs = _logs }, cancellationToken);
        _components.Add(("component of topic administration", instance));
        var topics = TopicsApp.Build(new TopicsSetup
        {
            Admin = ((IAdministeredBroker)instance).Administration,
            DataPath = options.DataPath,
            Urls = url.ToString(),
            SchemaRegistryUrl = plan.RegistryUrl,
            AdminToken = Environment.GetEnvironmentVariable("MESH_ADMIN_TOKEN"),
            Time = time,
            Logging = Quiet,
        });
        // After its component, so that it ends before it.
        _components.Add(("topic administration", new StoppedOnDispose(() => StopAsync("topic administration", topics))));
        await topics.StartAsync(cancellationToken);
    }

    /// <summary>As administration, dead letters have an instance of the component of their own.</summary>
    private async Task StartDeadLettersAsync(CancellationToken cancellationToken)
    {
        if (plan.DeadLettersUrl is not { } url || plan.Components.FirstOrDefault(MeshPlan.KeepsLetters) is not { } spec)
            return;
        // Letters that were written before anybody collected them count as well, wherever the apps begin.
        var collected = spec.Type == "pubsub.kafka" ? spec with { Metadata = new Dictionary<string, string>(spec.Metadata, StringComparer.OrdinalIgnoreCase) { ["initialOffset"] = "oldest" } } : spec;
        var instance = await types.StartAsync(collected, new ComponentContext("dead-letters", options.DataPath, time) { Logs = _logs }, cancellationToken);
        _components.Add(("component of dead letters", instance));
        var store = await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(options.DataPath, "dead-letters", "letters.db") }, time, cancellationToken);
        _components.Add(("store of dead letters", store));
        var letters = DeadLettersApp.Build(new DeadLettersSetup
        {
            Broker = (IPubSubBroker)instance,
            Store = store,
            DataPath = options.DataPath,
            Pipelines = PipelineLoader.Load(options.PipelinesPath, options.Pipelines).Pipelines,
            Sources = new SubscribedDeadLetters(_http, plan, spec.Name).FindAsync,
            Options = DeadLetterOptions.From(Environment.GetEnvironmentVariable),
            Urls = url.ToString(),
            SchemaRegistryUrl = plan.RegistryUrl,
            AdminToken = Environment.GetEnvironmentVariable("MESH_ADMIN_TOKEN"),
            Time = time,
            Logging = Quiet,
        });
        _components.Add(("dead letters", new StoppedOnDispose(() => StopAsync("dead letters", letters))));
        await letters.StartAsync(cancellationToken);
    }

    private async Task StartAppAsync(AppPlan app, HealthGate gate, CancellationToken cancellationToken)
    {
        var settings = ServiceArguments.For(options, plan, app.Port, app);
        if (app.InProcess is null)
        {
            var child = ChildApp.Start(app, settings, options.Grace, reporter.Line);
            _children.Add((app, child));
            return;
        }

        var service = app.InProcess.Build(ServiceArguments.AsArguments(settings));
        _services.Add((app, service));
        await service.StartAsync(cancellationToken);
        await gate.WaitAsync(app.App.AppId, app.Url, "/healthz", null, cancellationToken);
    }

    /// <summary>Normal operation says nothing.</summary>
    private static void Quiet(ILoggingBuilder logging) =>
        logging.SetMinimumLevel(LogLevel.Warning).AddFilter("ArgParser", LogLevel.Error).AddSimpleConsole(console => console.SingleLine = true);

    private Task StopAsync(string name, WebApplication application) => GuardAsync(name, async () =>
    {
        using var limit = new CancellationTokenSource(options.Grace, time);
        await application.StopAsync(limit.Token);
        await application.DisposeAsync();
    });

    /// <summary>Stops one part; a failure, or a part that hangs, is told, and the others are stopped all the same.</summary>
    private async Task GuardAsync(string name, Func<Task> stop)
    {
        try
        {
            await stop().WaitAsync(options.Grace + options.Grace, time);
        }
        catch (Exception exception)
        {
            reporter.Error($"{name} did not stop cleanly: {exception.Message}");
        }
    }

    private sealed class StoppedOnDispose(Func<Task> stop) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(stop());
    }
}
