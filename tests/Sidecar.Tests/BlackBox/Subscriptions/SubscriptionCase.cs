using System.Net;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

/// <summary>A sidecar with an in-memory bus <c>mypub</c> and an app of one protocol whose subscriptions are asked for in one way.</summary>
internal sealed class SubscriptionCase : IAsyncDisposable
{
    /// <summary>Declared by either version of the resource, or asked for by the app.</summary>
    public static readonly string[] Ways = ["v1alpha1", "v2alpha1", "programmatic"];

    public static readonly string[] Protocols = ["http", "grpc"];

    private SubscriptionCase(Subscriber app, Daprd daprd) => (App, Daprd) = (app, daprd);

    public Subscriber App { get; }

    public Daprd Daprd { get; }

    /// <summary>All ways by all protocols.</summary>
    public static TheoryData<string, string> All() => Of(Ways);

    /// <summary>Those that know routing rules.</summary>
    public static TheoryData<string, string> WithRules() => Of(["v2alpha1", "programmatic"]);

    public static TheoryData<string> ByProtocol() => [.. Protocols];

    public static async Task<SubscriptionCase> StartAsync(string way, string protocol, params Wanted[] wanted)
    {
        var app = await Subscriber.StartAsync(protocol, way == "programmatic" ? wanted : null);
        var resources = new List<string> { Manifests.InMemoryPubSub("mypub") };
        if (way != "programmatic")
            resources.AddRange(wanted.Select((item, i) => item.Resource(way, $"sub{i}")));
        return await StartAsync(app, new DaprdSetup { Resources = [string.Join("\n---\n", resources)] });
    }

    public static async Task<SubscriptionCase> StartAsync(Subscriber app, DaprdSetup setup) =>
        new(app, await Daprd.StartAsync(setup with { AppPort = app.Port, AppProtocol = app.Protocol }));

    /// <summary>Publishes over HTTP and expects success.</summary>
    public Task PublishAsync(string topic, string data = "", string? contentType = null, string query = "", string pubsub = "mypub") =>
        PublishAsync(Daprd, topic, data, contentType, query, pubsub);

    public static async Task PublishAsync(Daprd daprd, string topic, string data = "", string? contentType = null, string query = "", string pubsub = "mypub")
    {
        using var response = await TryPublishAsync(daprd, topic, data, contentType, query, pubsub);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    public static async Task<HttpResponseMessage> TryPublishAsync(Daprd daprd, string topic, string data, string? contentType = null, string query = "", string pubsub = "mypub")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(data));
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await daprd.Http.PostAsync($"/v1.0/publish/{pubsub}/{topic}{query}", content);
    }

    /// <summary>Publishes entries <c>{"id": 1}</c> and on in one request.</summary>
    public async Task PublishBulkAsync(string topic, int count)
    {
        var entries = Enumerable.Range(1, count).Select(i => new { entryId = $"{i}", @event = new { id = i }, contentType = "application/json" });
        using var content = new StringContent(JsonSerializer.Serialize(entries), Encoding.UTF8, "application/json");
        using var response = await Daprd.Http.PostAsync($"/v1.0/publish/bulk/mypub/{topic}", content);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    /// <summary>The subscriptions of the metadata API as <c>type topic path,path</c>.</summary>
    public async Task<IReadOnlyList<string>> ListedAsync() => await ListedAsync(Daprd);

    public static async Task<IReadOnlyList<string>> ListedAsync(Daprd daprd)
    {
        var metadata = await daprd.MetadataAsync();
        return metadata.TryGetProperty("subscriptions", out var subscriptions)
            ? [.. subscriptions.EnumerateArray().Select(item =>
                $"{item.GetProperty("type").GetString()} {item.GetProperty("topic").GetString()} {string.Join(',', item.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("path").GetString()))}")]
            : [];
    }

    /// <summary>Publishes to a topic nobody is to get: what would come of it has come when this returns.</summary>
    public async Task PublishUnheardAsync(string topic, string heardTopic)
    {
        await PublishAsync(topic, "unheard");
        await PublishAsync(heardTopic, "heard");
        Assert.Equal("heard", (await App.NextAsync()).Text);
        Assert.Equal(0, App.Waiting);
    }

    public async ValueTask DisposeAsync()
    {
        await Daprd.DisposeAsync();
        await App.DisposeAsync();
    }

    private static TheoryData<string, string> Of(string[] ways)
    {
        var data = new TheoryData<string, string>();
        foreach (var way in ways)
        {
            foreach (var protocol in Protocols)
                data.Add(way, protocol);
        }

        return data;
    }
}
