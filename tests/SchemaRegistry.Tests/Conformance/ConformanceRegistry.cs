using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace RealTimeMesh.SchemaRegistry.Tests.Conformance;

/// <summary>
/// The registry that the conformance suite speaks to: ours, or any other whose address stands in
/// <c>SCHEMA_REGISTRY_CONFORMANCE_URL</c>. Nothing global is changed, and all subjects have names of their own.
/// </summary>
public sealed class ConformanceRegistry : IAsyncLifetime
{
    public const string MediaType = "application/vnd.schemaregistry.v1+json";

    private readonly TemporaryFolder _folder = new();
    private readonly string _run = Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal);
    private RunningRegistry? _own;
    private int _subjects;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>True where the registry is another product: what only ours promises is not asked of it.</summary>
    public bool IsForeign => _own is null;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("SCHEMA_REGISTRY_CONFORMANCE_URL") is { Length: > 0 } url)
        {
            Http = new HttpClient { BaseAddress = new Uri(url) };
            return;
        }

        _own = await RunningRegistry.StartAsync(_folder);
        Http = _own.Http;
    }

    public async ValueTask DisposeAsync()
    {
        if (_own is not null)
            await _own.DisposeAsync();
        else
            Http.Dispose();

        _folder.Dispose();
    }

    /// <summary>A name that nothing else has.</summary>
    public string Subject(string context = "") => $"{context}t{_run}-{Interlocked.Increment(ref _subjects)}";

    public string Context() => $":.c{_run}{Interlocked.Increment(ref _subjects)}:";

    public async Task<(int Status, JsonNode? Body)> SendAsync(string method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<JsonNode> OkAsync(string method, string path, JsonNode? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == 200, $"{method} {path}: {status} {answer?.ToJsonString()}");
        return answer!;
    }

    /// <summary>The error of a request that must be refused.</summary>
    public async Task<(int Status, int Code, string Message)> FailAsync(string method, string path, JsonNode? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status >= 400, $"{method} {path}: {status} {answer?.ToJsonString()}");
        return (status, answer!["error_code"]!.GetValue<int>(), answer["message"]!.GetValue<string>());
    }

    public async Task<int> RegisterAsync(string subject, string schema, string? type = null, params (string Name, string Subject, int Version)[] references) =>
        (await OkAsync("POST", $"/subjects/{subject}/versions", Body(schema, type, references)))["id"]!.GetValue<int>();

    public static JsonObject Body(string schema, string? type = null, params (string Name, string Subject, int Version)[] references)
    {
        var body = new JsonObject { ["schema"] = schema };
        if (type is not null)
            body["schemaType"] = type;

        if (references.Length > 0)
            body["references"] = new JsonArray([.. references.Select(reference => new JsonObject { ["name"] = reference.Name, ["subject"] = reference.Subject, ["version"] = reference.Version })]);

        return body;
    }
}

[CollectionDefinition(Name)]
public sealed class ConformanceGroup : ICollectionFixture<ConformanceRegistry>
{
    public const string Name = "conformance";
}
