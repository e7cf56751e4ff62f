using System.Net.Http.Headers;
using System.Net.Http.Json;
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
    private readonly HttpClient _http;
    private readonly WebApplication? _own;
    private readonly IAsyncDisposable? _component;

    private TopicsConnection(Uri address, string? token, WebApplication? own, IAsyncDisposable? component)
    {
        (_own, _component) = (own, component);
        // Searches may take long; each has a bound of its own.
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Add("x-mesh-user", Environment.UserName);
        if (!string.IsNullOrEmpty(token))
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Whether what the command starts ends with it.</summary>
    public bool IsOwn => _own is not null;

    public static async Task<TopicsConnection> OpenAsync(TopicsTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        if (target.Url is { } url)
            return new TopicsConnection(url, target.Token, null, null);
        if (target.Components is null && RunningMesh(target.DataPath) is { } running)
            return new TopicsConnection(running, target.Token, null, null);
        return await StartAsync(target, time, cancellationToken);
    }

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await AskAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var text = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonElement> PostAsync(string path, object? body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body ?? new { }, cancellationToken);

    /// <summary>Lines of a stream, as they come.</summary>
    public async IAsyncEnumerable<string> LinesAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await AskAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            yield return line;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_own is not null)
            await _own.DisposeAsync();
        if (_component is not null)
            await _component.DisposeAsync();
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new RealTimeMeshException($"topic administration at {_http.BaseAddress}: found {exception.Message}; expected a running mesh; start it, or name component files with --components.", exception);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new RealTimeMeshException(ErrorOf(text) ?? $"{request.RequestUri}: found HTTP {(int)response.StatusCode} {text}; expected an answer of topic administration; check --url.");
        }
    }

    private static string? ErrorOf(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("error", out var error) ? error.GetString() : null;
        }
        catch (JsonException)
        {
            // Something else answers there; its text is told as it is.
            return null;
        }
    }

    private static Uri? RunningMesh(string dataPath)
    {
        var file = Path.Combine(dataPath, "endpoints.json");
        if (!File.Exists(file))
            return null;
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.TryGetProperty("topics", out var topics) ? new Uri(topics.GetString()!) : null;
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
