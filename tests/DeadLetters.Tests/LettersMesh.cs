using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters.Collecting;
using RealTimeMesh.DeadLetters.Jobs;
using RealTimeMesh.Pipelines;
using RealTimeMesh.RocksDb;
using RealTimeMesh.SqliteDeadLetters;
using RealTimeMesh.Testing;

namespace RealTimeMesh.DeadLetters.Tests;

/// <summary>Dead letters over an embedded log in a temporary folder and the pipelines of the repository, over HTTP.</summary>
internal sealed class LettersMesh : IAsyncDisposable
{
    public const string Trades = "market.trades.dlq";

    private readonly bool _keep;
    private IPubSubBroker _real = null!;
    private SqliteDeadLetterStore _store = null!;
    private WebApplication _app = null!;

    private LettersMesh(string? folder)
    {
        _keep = folder is not null;
        Folder = folder ?? Directory.CreateTempSubdirectory("letters-").FullName;
    }

    public string Folder { get; }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public IPubSubBroker Broker => _real;

    public SqliteDeadLetterStore Store => _store;

    public IServiceProvider Services => _app.Services;

    public static async Task<LettersMesh> StartAsync(
        string? folder = null, string? token = null, DeadLetterOptions? options = null, Func<IPubSubBroker, IPubSubBroker>? wrap = null, IReadOnlyList<DeadLetterSource>? sources = null, Uri? registry = null, IPubSubBroker? broker = null, IReadOnlyList<PipelineDefinition>? pipelines = null)
    {
        var mesh = new LettersMesh(folder);
        mesh._real = broker ?? await OpenLogAsync(mesh.Folder);
        mesh._store = await SqliteDeadLetterStore.OpenAsync(new SqliteDeadLetterOptions { Path = Path.Combine(mesh.Folder, "dead-letters", "letters.db") }, TimeProvider.System, CancellationToken.None);
        mesh._app = DeadLettersApp.Build(new DeadLettersSetup
        {
            Broker = (wrap ?? (broker => broker))(mesh._real),
            Store = mesh._store,
            DataPath = mesh.Folder,
            Pipelines = pipelines ?? PipelineLoader.Load(Path.Combine(Repository.Root, "pipelines"), ["market"]).Pipelines,
            Sources = _ => Task.FromResult(sources ?? []),
            Options = options ?? new DeadLetterOptions { TopicsEvery = TimeSpan.FromMilliseconds(50), Retention = new(TimeSpan.FromDays(36_500), long.MaxValue, long.MaxValue) },
            SchemaRegistryUrl = registry,
            AdminToken = token,
            Logging = static logging => logging.ClearProviders(),
        });
        await mesh._app.StartAsync();
        mesh.Http.BaseAddress = new Uri(mesh._app.Urls.First());
        return mesh;
    }

    /// <summary>The embedded log of a folder.</summary>
    public static async Task<IPubSubBroker> OpenLogAsync(string folder)
    {
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string> { ["path"] = "log", ["partitions"] = "3" } };
        return (IPubSubBroker)await new RocksDbPubSubType().StartAsync(spec, new ComponentContext("dead-letters", folder, TimeProvider.System), CancellationToken.None);
    }

    /// <summary>A trade as the market's contract wants it, but for its price.</summary>
    public static string Trade(int n, string price = "\"12.5 USD\"") =>
        $$"""{"trade_id":"t{{n}}","symbol":"S{{n % 7}}","price":{{price}},"quantity":1,"side":"BUY","account":"secret-{{n}}","executed_at":"2026-11-23T10:00:00Z"}""";

    /// <summary>Puts records on the dead-letter topic of trades and waits until they are letters.</summary>
    public async Task FailAsync(IEnumerable<DeadLetterRecord> records, string topic = Trades)
    {
        var before = await CountAsync();
        var messages = records.Select((record, n) => new OutgoingMessage(record.Origin.Source, Records.Value(record), MessageHeaders.From([new("ce_id", $"event-{before + n}")]))).ToArray();
        foreach (var chunk in messages.Chunk(1_000))
            Assert.True((await Broker.PublishAsync(topic, chunk, default)).Succeeded);
        await UntilAsync(async () => await CountAsync() == before + messages.Length);
    }

    public async Task<long> CountAsync() => (await GetAsync("/v1/sources")).GetProperty("letters").GetInt64();

    public async Task<JsonElement> GetAsync(string path, int status = 200) => await ReadAsync(await Http.GetAsync(new Uri(path, UriKind.Relative)), status);

    public async Task<JsonElement> PostAsync(string path, object? body = null, int status = 200) => await ReadAsync(await Http.PostAsJsonAsync(path, body ?? new { }), status);

    /// <summary>Starts a job and waits until it stands still.</summary>
    public async Task<JsonElement> RunAsync(string path, object body) => await EndAsync((await PostAsync(path, body, 202)).GetProperty("id").GetString()!);

    public async Task<JsonElement> EndAsync(string id)
    {
        await Services.GetRequiredService<JobService>().WaitAsync(id).WaitAsync(TimeSpan.FromSeconds(120));
        return await GetAsync($"/v1/jobs/{id}");
    }

    /// <summary>All messages of a topic, in the order of its partitions.</summary>
    public async Task<List<DeliveredMessage>> MessagesAsync(string topic)
    {
        var found = new List<DeliveredMessage>();
        foreach (var partition in await Broker.GetWatermarksAsync(topic, default))
        {
            for (var next = partition.Low; next < partition.High;)
            {
                var page = await Broker.ReadAsync(topic, partition.Partition, next, 5_000, default);
                found.AddRange(page);
                next = page[^1].Offset + 1;
            }
        }

        return found;
    }

    public static string Text(DeliveredMessage message) => Encoding.UTF8.GetString(message.Value.Span);

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
        await _store.DisposeAsync();
        await _real.DisposeAsync();
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
