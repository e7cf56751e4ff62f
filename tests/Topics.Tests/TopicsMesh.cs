using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.RocksDb;

namespace RealTimeMesh.Topics.Tests;

/// <summary>The administration of an embedded log in a temporary folder, over HTTP.</summary>
internal sealed class TopicsMesh : IAsyncDisposable
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly RocksDbPubSubType _type = new();
    private readonly TimeProvider _time;
    private readonly bool _keep;
    private readonly int _partitions;
    private WebApplication _app = null!;

    private TopicsMesh(int partitions, TimeProvider time, string? folder)
    {
        (_partitions, _time, _keep) = (partitions, time, folder is not null);
        Folder = folder ?? Directory.CreateTempSubdirectory("topics-").FullName;
    }

    public string Folder { get; }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public IPubSubBroker Broker { get; private set; } = null!;

    public IBrokerAdmin Admin => ((IAdministeredBroker)Broker).Administration;

    public IServiceProvider Services => _app.Services;

    public static async Task<TopicsMesh> StartAsync(int partitions = 2, TimeProvider? time = null, string? folder = null, Uri? registry = null, string? token = null, Func<IBrokerAdmin, IBrokerAdmin>? wrap = null)
    {
        var mesh = new TopicsMesh(partitions, time ?? TimeProvider.System, folder);
        mesh.Broker = await mesh.ConsumerAsync();
        mesh._app = TopicsApp.Build(new TopicsSetup { Admin = (wrap ?? (admin => admin))(mesh.Admin), DataPath = mesh.Folder, Time = mesh._time, SchemaRegistryUrl = registry, AdminToken = token, Logging = static logging => logging.ClearProviders() });
        await mesh._app.StartAsync();
        mesh.Http.BaseAddress = new Uri(mesh._app.Urls.First());
        return mesh;
    }

    /// <summary>One more user of the log, a consumer of its own.</summary>
    public async Task<IPubSubBroker> ConsumerAsync()
    {
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = $"{_partitions}" } };
        return (IPubSubBroker)await _type.StartAsync(spec, new ComponentContext("topics", Folder, _time), CancellationToken.None);
    }

    public async Task PublishAsync(string topic, IEnumerable<(string Key, string Value)> messages, MessageHeaders headers = default) =>
        Assert.True((await Broker.PublishAsync(topic, [.. messages.Select(message => new OutgoingMessage(message.Key, Encoding.UTF8.GetBytes(message.Value), headers))], default)).Succeeded);

    public async Task<JsonElement> GetAsync(string path, int status = 200) => await ReadAsync(await Http.GetAsync(new Uri(path, UriKind.Relative)), status);

    public async Task<JsonElement> PostAsync(string path, object? body = null, int status = 200) => await ReadAsync(await Http.PostAsJsonAsync(path, body ?? new { }), status);

    /// <summary>Lines of a browse.</summary>
    public async Task<IReadOnlyList<JsonElement>> BrowseAsync(string pathAndQuery)
    {
        var response = await Http.GetAsync(new Uri(pathAndQuery, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>All values of a partition, as text.</summary>
    public async Task<IReadOnlyList<(string Key, string Value)>> ValuesAsync(string topic, int partition)
    {
        var found = new List<(string, string)>();
        await foreach (var page in Admin.ReadAsync(new RecordRange(topic, partition, 0, long.MaxValue), default))
            found.AddRange(page.Records.Select(record => (Encoding.UTF8.GetString(record.Key!.Value.Span), Encoding.UTF8.GetString(record.Value!.Value.Span))));
        return found;
    }

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await Broker.DisposeAsync();
        if (!_keep)
            Directory.Delete(Folder, recursive: true);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
