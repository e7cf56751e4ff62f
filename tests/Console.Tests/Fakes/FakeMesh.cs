using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Tests.Fakes;

/// <summary>The services behind the console, answering as the real ones do; its numbers can be changed while it runs.</summary>
internal sealed class FakeMesh : IAsyncDisposable
{
    public FakeMesh()
    {
        Ingestion = new FakeService(new Dictionary<string, Func<HttpRequest, object?>>
        {
            ["/v1/ledger"] = _ => new { streams = new object[] { new { pipeline = "flights", stream = "departures", acked = Counts.Acked, accepted = Counts.Acked - Counts.Rejected, rejected = Counts.Rejected, indefinite = 0 }, Market("trades", 60_000), Market("quotes", 60_000) } },
            ["/v1/sources"] = _ => new
            {
                sources = new object[]
                {
                    new { pipeline = "flights", stream = "departures", name = "departures-2001-01.parquet", kind = "parquet", position = Counts.Acked - Counts.Rejected, total = (long?)Counts.Total, done = Counts.Acked >= Counts.Total, error = (string?)null },
                    new { pipeline = "flights", stream = "departures", name = "bad-lines.ndjson", kind = "ndjson", position = Counts.Rejected, total = (long?)47, done = true, error = Counts.SourceError },
                    new { pipeline = "market", stream = "trades", name = "trades", kind = "generator", position = 60_000, total = (long?)60_000, done = true, error = (string?)null },
                },
            },
        });
        Processor = new FakeService(new Dictionary<string, Func<HttpRequest, object?>>
        {
            ["/v1/ledger"] = _ => new
            {
                streams = new object[] { new { pipeline = "flights", stream = "departures", applied = Counts.Applied, late = Counts.Late, quarantined = 0L, duplicates_skipped = 12L }, Processed("trades"), Processed("quotes") },
                latency = new { count = Counts.Applied, p50_ms = Counts.P50, p99_ms = Counts.P99, max_ms = 412.0 },
            },
            ["/v1/views"] = _ => new { views = new[] { View("flights", "delays_by_airport", "departures", 900_000, "origin", 4_183), View("flights", "busiest_routes", "departures", 3_600_000, "origin", 12_402), View("market", "exposure", "trades", 300_000, "account", 380) } },
            ["/v1/watermarks"] = _ => new
            {
                streams = new[]
                {
                    new { pipeline = "flights", stream = "departures", partitions = Enumerable.Range(0, 4).Select(partition => new { partition, offset = 41_000 + partition, watermark = (DateTime?)new DateTime(2001, 1, 14, 9, 5 + partition, 0, DateTimeKind.Utc), effective = (DateTime?)new DateTime(2001, 1, 14, 9, 5, 0, DateTimeKind.Utc), idle = partition == 3, holds_back = partition == 0 }).ToArray() },
                },
            },
            ["/v1/views/{pipeline}/{view}"] = Windows.Answer,
        });
        Lakehouse = new FakeService(new Dictionary<string, Func<HttpRequest, object?>>
        {
            ["/v1/ledger"] = _ => new { streams = new object[] { new { pipeline = "flights", stream = "departures", rows = Counts.Stored, dead_lettered = Counts.DeadLettered, quarantined = 0L, duplicates_skipped = 0L }, Stored("trades", 60_000), Stored("quotes", 60_000) } },
            ["/v1/tables"] = _ => new { tables = Lake.Tables(Counts) },
            ["/v1/tables/{pipeline}/{table}/history"] = request => Lake.History(Counts, request),
            ["/v1/tables/{pipeline}/{table}/preview"] = request => Lake.Preview(Counts, request),
            ["/v1/dead-letters"] = request => DeadLetters.Answer(Counts, request),
        });
        Jobs = new FakeService(new Dictionary<string, Func<HttpRequest, object?>>
        {
            ["/v1/tables"] = _ => Lake.JobTables(Counts),
            ["/v1/builds"] = _ => new { builds = Lake.Builds(Counts) },
        });
        Registry = new FakeService(new Dictionary<string, Func<HttpRequest, object?>>());
        Warehouse = new FakeService(new Dictionary<string, Func<HttpRequest, object?>>());
    }

    public FakeCounts Counts { get; } = new();

    public FakeService Ingestion { get; }

    public FakeService Processor { get; }

    public FakeService Lakehouse { get; }

    public FakeService Jobs { get; }

    public FakeService Registry { get; }

    public FakeService Warehouse { get; }

    private IReadOnlyList<FakeService> All => [Ingestion, Processor, Lakehouse, Jobs, Registry, Warehouse];

    public Task StartAsync() => Task.WhenAll(All.Select(service => service.StartAsync()));

    /// <summary>The settings by which the console finds these services.</summary>
    public IReadOnlyList<string> Settings() =>
    [
        $"--MESH_INGESTION_URL={Ingestion.Url}", $"--MESH_STREAMPROCESSOR_URL={Processor.Url}", $"--MESH_LAKEHOUSE_URL={Lakehouse.Url}",
        // Topics are those of a real log, in the tests that are about them.
        "--MESH_TOPICS_URL=", $"--MESH_SPARKJOBS_URL={Jobs.Url}", $"--SCHEMA_REGISTRY_URL={Registry.Url}", $"--WAREHOUSE_URL={Warehouse.Url}",
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var service in All)
            await service.DisposeAsync();
    }

    private static object Market(string stream, long count) => new { pipeline = "market", stream, acked = count, accepted = count - 61, rejected = 61L, indefinite = 0 };

    private static object Processed(string stream) => new { pipeline = "market", stream, applied = 59_939L, late = 0L, quarantined = 0L, duplicates_skipped = 0L };

    private static object Stored(string stream, long count) => new { pipeline = "market", stream, rows = count - 61, dead_lettered = 61L, quarantined = 0L, duplicates_skipped = 0L };

    private static object View(string pipeline, string view, string from, long windowMs, string by, int windows) => new
    {
        pipeline, view, from, where = (string?)null, window_ms = windowMs, by = new[] { by }, columns = Array.Empty<object>(), allowed_lateness_ms = 0, retain_ms = 86_400_000,
        groups = 229, windows, oldest_open = "2001-01-14T09:00:00Z", late = 0, events_per_s = 21_480.5, watermarks = Array.Empty<object>(),
    };
}
