using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics;

namespace RealTimeMesh.AppHost.TopicCommands;

/// <summary>
/// The administration that a command talks to, always over HTTP: that of a running mesh, or one started for the command in this
/// process, over component files.
/// </summary>
internal sealed class TopicsConnection : IAsyncDisposable
{
    private readonly MeshApi _api;
    private readonly WebApplication? _own;
    private readonly IAsyncDisposable? _component;

    private TopicsConnection(Uri address, string? token, WebApplication? own, IAsyncDisposable? component)
    {
        (_own, _component) = (own, component);
        _api = new MeshApi(address, token, "topic administration", "start it, or name component files with --components");
    }

    /// <summary>Whether what the command starts ends with it.</summary>
    public bool IsOwn => _own is not null;

    public static async Task<TopicsConnection> OpenAsync(TopicsTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        if (target.Url is { } url)
            return new TopicsConnection(url, target.Token, null, null);
        if (target.Components is null && MeshApi.FindRunning(target.DataPath, "topics") is { } running)
            return new TopicsConnection(running, target.Token, null, null);
        return await StartAsync(target, time, cancellationToken);
    }

    public Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) => _api.SendAsync(method, path, body, cancellationToken);

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => _api.GetAsync(path, cancellationToken);

    public Task<JsonElement> PostAsync(string path, object? body, CancellationToken cancellationToken) => _api.PostAsync(path, body, cancellationToken);

    /// <summary>Lines of a stream, as they come.</summary>
    public IAsyncEnumerable<string> LinesAsync(string path, CancellationToken cancellationToken) => _api.LinesAsync(path, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        if (_own is not null)
            await _own.DisposeAsync();
        if (_component is not null)
            await _component.DisposeAsync();
    }

    private static async Task<TopicsConnection> StartAsync(TopicsTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = target.Components ?? target.DefaultComponents;
        var types = HostConfiguration.Types();
        var loaded = ComponentLoader.Load([folder], Environment.GetEnvironmentVariable);
        var specs = loaded.Components.Where(spec => spec.Type.StartsWith("pubsub.", StringComparison.Ordinal)).ToArray();
        ConfigurationFault[] faults = [.. loaded.Faults, .. types.Validate(specs)];
        if (faults.Length > 0)
            throw new ConfigurationException(faults);
        var spec = specs.FirstOrDefault(spec => spec.Name == "pubsub") ?? throw new RealTimeMeshException($"{folder}: found no component named 'pubsub'; expected one of a pubsub.* type; add it, or name another folder with --components.");
        var component = await types.StartAsync(spec, new ComponentContext("topics", target.DataPath, time), cancellationToken);
        try
        {
            if (component is not IAdministeredBroker broker)
                throw new RealTimeMeshException($"component '{spec.Name}' of type {spec.Type}: found a broker without administration; expected pubsub.rocksdb or pubsub.kafka; use the tools of that system.");
            var app = TopicsApp.Build(new TopicsSetup { Admin = broker.Administration, DataPath = target.DataPath, SchemaRegistryUrl = target.Registry, AdminToken = target.Token, Time = time, Logging = static logging => logging.ClearProviders() });
            await app.StartAsync(cancellationToken);
            return new TopicsConnection(new Uri(app.Urls.First()), target.Token, app, component);
        }
        catch
        {
            await component.DisposeAsync();
            throw;
        }
    }
}

/// <summary>Where the administration is, or what it is started over.</summary>
/// <param name="Components">Folder of component files, where one was named.</param>
/// <param name="DefaultComponents">The folder where none was named and no mesh runs.</param>
internal sealed record TopicsTarget(Uri? Url, string? Components, string DefaultComponents, string DataPath, Uri? Registry, string? Token);
