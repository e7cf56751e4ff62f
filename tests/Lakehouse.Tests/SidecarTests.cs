using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>The service behind a real sidecar over an in-memory log.</summary>
public sealed class SidecarTests
{
    private const int Count = 20_000;

    [Fact]
    public async Task Published_events_of_all_registered_versions_reach_bronze_once_and_commits_are_announced()
    {
        var folder = Directory.CreateTempSubdirectory("lakehouse-sidecar-").FullName;
        var appPort = FreePorts.Next();
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["partitions"] = "4" } };
        await using var broker = (IPubSubBroker)await new InMemoryLogType().StartAsync(spec, new ComponentContext("lakehouse", folder, TimeProvider.System), default);
        await using var registry = SchemaRegistryApp.Build(["--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", $"--MESH_DATA={folder}", "--Logging:LogLevel:Default=None"]);
        await registry.StartAsync();
        using var subjects = new HttpClient { BaseAddress = new Uri(registry.Urls.First()) };
        var answer = await subjects.PostAsJsonAsync($"/subjects/{Samples.Topic}-value/versions", new { schema = Samples.Contract.Json });
        var schemaId = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
        await using var sidecar = SidecarApp.Build(new SidecarOptions { AppId = "lakehouse", HttpPort = 0, GrpcPort = 0, AppPort = appPort }, [new SidecarComponent(spec, broker)], TimeProvider.System, _ => { });
        await sidecar.StartAsync();
        var ports = sidecar.Services.GetRequiredService<SidecarPorts>();
        await using var app = LakehouseApp.Build(
            [$"--urls=http://127.0.0.1:{appPort}", "--MESH_IN_PROCESS=true", $"--MESH_DATA={folder}", $"--SCHEMA_REGISTRY_URL={registry.Urls.First()}", $"--DAPR_HTTP_PORT={ports.Http}", $"--DAPR_GRPC_PORT={ports.Grpc}"],
            _ => [Samples.Pipeline],
            services => services.RemoveAll<ILoggerProvider>());
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{appPort}") };
        var messages = Enumerable.Range(0, Count).Select(i => new OutgoingMessage($"P{i % 7}", Samples.Visit(schemaId, i), MessageHeaders.From([new("ce_id", $"http-{i}"), new("ce_source", "/http")]))).ToList();
        foreach (var chunk in messages.Chunk(2_000))
            Assert.True((await broker.PublishAsync(Samples.Topic, chunk, default)).Succeeded);
        await UntilAsync(async () => (await http.GetFromJsonAsync<JsonElement>("/v1/ledger")).GetProperty("streams")[0].GetProperty("rows").GetInt64() >= Count);
        using var audited = await http.PostAsync("/v1/audit?pipeline=test", null);
        var audit = (await audited.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("streams")[0];
        Assert.Equal((Count, Count), (audit.GetProperty("rows").GetInt32(), audit.GetProperty("distinct_ids").GetInt32()));
        await UntilAsync(async () => await NoticedRowsAsync(broker) == Count);

        // A producer goes over to a new version while others still publish by the old one.
        const int more = 2_000;
        var wider = $$"""{{Samples.Contract.Json[..Samples.Contract.Json.LastIndexOf(']')]}},{"name":"mood","type":["null","string"],"default":null}]}""";
        answer = await subjects.PostAsJsonAsync($"/subjects/{Samples.Topic}-value/versions", new { schema = wider });
        var newId = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
        var contract = AvroContract.Parse(wider);
        var mixed = Enumerable.Range(Count, more).Select(i => new OutgoingMessage($"P{i % 7}", i % 2 == 0 ? Samples.Visit(schemaId, i) : Samples.Event(contract, newId, "P", "g", i, 1L, "glad"), MessageHeaders.From([new("ce_id", $"http-{i}"), new("ce_source", "/http")]))).ToList();
        Assert.True((await broker.PublishAsync(Samples.Topic, mixed, default)).Succeeded);
        await UntilAsync(async () => (await http.GetFromJsonAsync<JsonElement>("/v1/ledger")).GetProperty("streams")[0].GetProperty("rows").GetInt64() >= Count + more);
        var table = DeltaTable.At(Path.Combine(folder, "lake", "test", "bronze", "visits"), new DeltaTableOptions { Engine = new DuckDbTableEngine(new DuckDbOptions { MemoryLimitMiB = 128, Threads = 1, SpillPath = Path.Combine(folder, "spill") }) }, TimeProvider.System);
        var glad = 0;
        await foreach (var batch in table.ReadAsync(new ReadOptions { Columns = ["mood"], Where = "mood = 'glad'" }, default))
        {
            using (batch)
                glad += batch.Length;
        }

        Assert.Equal(more / 2, glad);
        var stream = (await http.GetFromJsonAsync<JsonElement>("/v1/ledger")).GetProperty("streams")[0];
        Assert.Equal((Count + more, 0), (stream.GetProperty("rows").GetInt32(), stream.GetProperty("quarantined").GetInt32()));
        await app.StopAsync();
        await sidecar.StopAsync();
        await registry.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<long> NoticedRowsAsync(IPubSubBroker broker)
    {
        long rows = 0;
        foreach (var partition in await broker.GetWatermarksAsync("lakehouse.commits", default))
        {
            foreach (var message in await broker.ReadAsync("lakehouse.commits", partition.Partition, partition.Low, int.MaxValue, default))
            {
                var data = JsonDocument.Parse(message.Value).RootElement.GetProperty("data");
                Assert.Equal("bronze.visits", data.GetProperty("table").GetString());
                rows += data.GetProperty("rows").GetInt64();
            }
        }

        return rows;
    }

    private static async Task UntilAsync(Func<Task<bool>> pleases)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await pleases())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
    }
}
