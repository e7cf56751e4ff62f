using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RealTimeMesh.SparkJobs.Tests;

public sealed class JobServiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drain_builds_silver_and_gold_and_loads_the_warehouse()
    {
        await using var host = await JobsHost.StartAsync();
        await host.AppendAsync(("a", "AAA", 10), ("b", "AAA", 20), ("c", "BBB", null));
        var (status, body) = await host.DrainAsync();
        Assert.Equal(200, status);
        Assert.Equal(["silver.departures 3", "gold.daily 2"], body.GetProperty("tables").EnumerateArray().Select(table => $"{table.GetProperty("table").GetString()} {table.GetProperty("rows").GetInt64()}"));
        var load = Assert.Single(body.GetProperty("loads").EnumerateArray());
        Assert.Equal(("GOLD.DAILY", 2), (load.GetProperty("to").GetString(), load.GetProperty("rows").GetInt64()));
        Assert.Equal(["AAA|2|30|15", "BBB|1||"], await host.WarehouseRowsAsync("select airport, flights, delay, avg_delay from gold.daily order by airport"));

        await host.AppendAsync(("d", "BBB", 5), ("b", "AAA", 21));
        await host.DrainAsync();
        Assert.Equal(["AAA|2|31", "BBB|2|5"], await host.WarehouseRowsAsync("select airport, flights, delay from gold.daily order by airport"));
        Assert.Equal(["2"], await host.WarehouseRowsAsync("select count(*) from mesh.loads"));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Root, "data/stage"), "*.parquet", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Drain_of_what_is_current_changes_nothing()
    {
        await using var host = await JobsHost.StartAsync();
        await host.AppendAsync(("a", "AAA", 10));
        var (_, first) = await host.DrainAsync();
        var (_, second) = await host.DrainAsync();
        Assert.Equal(Versions(first), Versions(second));
        Assert.Equal(["1"], await host.WarehouseRowsAsync("select count(*) from mesh.loads"));
    }

    [Fact]
    public async Task Commit_notice_from_the_sidecar_starts_a_build()
    {
        await using var host = await JobsHost.StartAsync();
        await host.AppendAsync(("a", "AAA", 10));
        using var delivered = await host.Http.PostAsJsonAsync("/topics/lakehouse.commits", new
        {
            specversion = "1.0", type = "com.dapr.event.sent", source = "lakehouse", id = "1", datacontenttype = "application/json",
            data = new { pipeline = "trips", table = "bronze.departures", version = 0, rows = 1 },
        }, Cancel);
        Assert.Equal(HttpStatusCode.OK, delivered.StatusCode);
        while ((await host.GetAsync("/v1/tables")).GetProperty("loads").GetArrayLength() == 0)
            Cancel.ThrowIfCancellationRequested();
        Assert.Equal(["AAA|1"], await host.WarehouseRowsAsync("select airport, flights from gold.daily"));
        var builds = (await host.GetAsync("/v1/builds?limit=10")).GetProperty("builds").EnumerateArray().Select(build => $"{build.GetProperty("kind").GetString()} {build.GetProperty("table").GetString()}");
        Assert.Equal(["load gold.daily", "build gold.daily", "build silver.departures"], builds);
    }

    [Fact]
    public async Task Service_subscribes_to_the_commits_of_the_lake()
    {
        await using var host = await JobsHost.StartAsync();
        var subscriptions = await host.GetAsync("/dapr/subscribe");
        Assert.Contains(subscriptions.EnumerateArray(), subscription => subscription.GetProperty("topic").GetString() == "lakehouse.commits");
        using var health = await host.Http.GetAsync("/healthz", Cancel);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Start_builds_what_fell_behind_while_the_service_was_down()
    {
        await using var host = await JobsHost.StartAsync(withJobs: false);
        await host.AppendAsync(("a", "AAA", 10));
        await host.StartJobsAsync();
        while ((await host.GetAsync("/v1/tables")).GetProperty("loads").GetArrayLength() == 0)
            Cancel.ThrowIfCancellationRequested();
        await host.StopJobsAsync();
        await host.AppendAsync(("b", "BBB", 1));
        await host.StartJobsAsync();
        while ((await host.WarehouseRowsAsync("select airport from gold.daily")).Count < 2)
            Cancel.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task Failing_table_is_visible_with_its_message_and_does_not_stop_the_others()
    {
        await using var host = await JobsHost.StartAsync(goldSql: "select origin as airport, day, no_such_column as flights from silver.departures group by origin, day");
        await host.AppendAsync(("a", "AAA", 10));
        var (status, body) = await host.DrainAsync();
        Assert.Equal(500, status);
        var error = Assert.Single(body.GetProperty("errors").EnumerateArray());
        Assert.Equal("gold.daily", error.GetProperty("table").GetString());
        Assert.Contains("no_such_column", error.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, body.GetProperty("tables")[0].GetProperty("rows").GetInt64());

        await File.WriteAllTextAsync(Path.Combine(host.Root, "pipelines/trips/sql/gold.sql"), "select origin as airport, day, count(*) as flights from silver.departures group by origin, day", Cancel);
        await host.StopJobsAsync();
        await host.StartJobsAsync();
        Assert.Equal(200, (await host.DrainAsync()).Status);
    }

    [Fact]
    public async Task Unknown_pipeline_or_table_is_404_with_the_known_names()
    {
        await using var host = await JobsHost.StartAsync();
        using var drain = await host.Http.PostAsync("/v1/builds/drain?pipeline=nope", null, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, drain.StatusCode);
        using var build = await host.Http.PostAsync("/v1/builds?pipeline=trips&table=gold.nope", null, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, build.StatusCode);
        Assert.Contains("gold.daily", (await build.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static string Versions(JsonElement body) => string.Join(' ', body.GetProperty("tables").EnumerateArray().Concat(body.GetProperty("loads").EnumerateArray()).Select(item => item.GetProperty("version").GetInt64()));
}
