using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>The service with a real registry; the test plays the sidecar and delivers what it likes.</summary>
internal sealed class TestLakehouse : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lakehouse-").FullName;
    private WebApplication? _registry;
    private WebApplication? _app;

    public int SchemaId { get; private set; }

    public HttpClient Http { get; private set; } = new();

    public string LakePath => Path.Combine(_folder, "lake");

    public string TablePath(string table) => Path.Combine(LakePath, "test", table.Replace('.', '/'));

    /// <summary>The running service, to act on its parts.</summary>
    public IServiceProvider Services => _app!.Services;

    public string DataPath => _folder;

    /// <summary>Where the service puts its dead letters.</summary>
    public LetterBox Letters { get; } = new();

    public string RegistryUrl => _registry!.Urls.First();

    public static async Task<TestLakehouse> StartAsync(params string[] args)
    {
        var lake = new TestLakehouse();
        lake._registry = SchemaRegistryApp.Build(["--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", $"--MESH_DATA={lake._folder}", "--Logging:LogLevel:Default=None"]);
        await lake._registry.StartAsync();
        lake.SchemaId = await lake.RegisterAsync(Samples.Contract.Json);
        await lake.StartAppAsync(args);
        return lake;
    }

    /// <summary>Registers a version of the topic's schema; its id.</summary>
    public async Task<int> RegisterAsync(string schema, string? compatibility = null)
    {
        using var registry = new HttpClient { BaseAddress = new Uri(_registry!.Urls.First()) };
        if (compatibility is not null)
            (await registry.PutAsJsonAsync($"/config/{Samples.Topic}-value", new { compatibility })).EnsureSuccessStatusCode();
        var answer = await registry.PostAsJsonAsync($"/subjects/{Samples.Topic}-value/versions", new { schema });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
    }

    /// <summary>The table, to change or read it beside the service.</summary>
    public DeltaTable Delta(string table)
    {
        Directory.CreateDirectory(TablePath(table));
        return DeltaTable.At(TablePath(table), new DeltaTableOptions { Engine = new DuckDbTableEngine(new DuckDbOptions { MemoryLimitMiB = 128, Threads = 1, SpillPath = Path.Combine(_folder, "spill") }) }, TimeProvider.System);
    }

    /// <summary>All rows of a query over a table's preview, as a list of columns by name.</summary>
    public async Task<IReadOnlyList<Dictionary<string, JsonElement>>> RowsAsync(string table)
    {
        var page = await GetAsync($"/v1/tables/test/{table}/preview?limit=1000");
        var names = page.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("name").GetString()!).ToList();
        return [.. page.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select((value, i) => (names[i], value)).ToDictionary(item => item.Item1, item => item.value))];
    }

    public async Task StartAppAsync(params string[] args)
    {
        _app = LakehouseApp.Build(
            ["--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", $"--MESH_DATA={_folder}", "--MESH_BRONZE_LINGER_MS=20", $"--SCHEMA_REGISTRY_URL={_registry!.Urls.First()}", "--DAPR_HTTP_PORT=1", "--DAPR_GRPC_PORT=1", .. args],
            _ => [Samples.Pipeline],
            services => services.RemoveAll<ILoggerProvider>().AddSingleton<IDeadLetterSink>(Letters));
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async Task StopAppAsync()
    {
        Http.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async Task<HttpStatusCode> DeliverAsync(string topic, params IEnumerable<Sent> events)
    {
        using var content = new ByteArrayContent(Samples.Delivery(topic, events));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await Http.PostAsync($"/topics/{topic}", content);
        if (response.IsSuccessStatusCode)
        {
            var statuses = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("statuses");
            Assert.All(statuses.EnumerateArray(), status => Assert.Equal("SUCCESS", status.GetProperty("status").GetString()));
        }

        return response.StatusCode;
    }

    /// <summary>Visits of one partition; ids and sequences follow the offsets unless the sequence starts elsewhere.</summary>
    public IEnumerable<Sent> Visits(int partition, long offset, int count, long firstSequence = -2) =>
        Enumerable.Range(0, count).Select(i => Visit(partition, offset + i, firstSequence == -2 ? -1 : firstSequence + i));

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Posts a command; the body may be null for none.</summary>
    public async Task<(HttpStatusCode Code, JsonElement Answer)> PostAsync(string path, object? body = null)
    {
        using var response = await Http.PostAsync(path, body is null ? null : JsonContent.Create(body));
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>Asks for something that is refused: code and text.</summary>
    public async Task<(HttpStatusCode Code, string Error)> RefusedAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString()!);
    }

    /// <summary>Makes the data files of a table as old as given.</summary>
    public void Age(string table, TimeSpan age)
    {
        foreach (var file in Directory.EnumerateFiles(TablePath(table), "*.parquet", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, (TimeProvider.System.GetUtcNow() - age).UtcDateTime);
    }

    /// <summary>Rows, dead letters, quarantined, skipped.</summary>
    public async Task<(long Rows, long DeadLettered, long Quarantined, long Skipped)> LedgerAsync()
    {
        var stream = (await GetAsync("/v1/ledger")).GetProperty("streams")[0];
        return (stream.GetProperty("rows").GetInt64(), stream.GetProperty("dead_lettered").GetInt64(), stream.GetProperty("quarantined").GetInt64(), stream.GetProperty("duplicates_skipped").GetInt64());
    }

    public async Task<(long Rows, long Ids)> AuditAsync()
    {
        using var response = await Http.PostAsync("/v1/audit?pipeline=test", null);
        var stream = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("streams")[0];
        return (stream.GetProperty("rows").GetInt64(), stream.GetProperty("distinct_ids").GetInt64());
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await StopAppAsync();
        await _registry!.StopAsync();
        await _registry.DisposeAsync();
        try
        {
            RealTimeMesh.DeltaLake.Validation.WrittenTables.Check(_folder);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private Sent Visit(int partition, long offset, long sequence)
    {
        var number = (int)(sequence >= 0 ? sequence : (partition * 1_000_000) + offset);
        return new Sent(Samples.Visit(SchemaId, number), sequence >= 0 ? $"file#{partition}#{sequence}" : $"http-{partition}-{offset}", partition, offset, sequence);
    }
}
