using System.Net;
using System.Text.Json;

namespace RealTimeMesh.Lakehouse.Tests;

public sealed class TableTests
{
    private const string Table = "/v1/tables/test/bronze.visits";

    [Fact]
    public async Task An_earlier_version_is_previewed_by_number_and_by_time()
    {
        await using var lake = await FilledAsync(3);
        Assert.Equal((1, 10), Shape(await lake.GetAsync($"{Table}/preview?version=1&limit=100")));
        Assert.Equal((3, 30), Shape(await lake.GetAsync($"{Table}/preview?limit=100")));
        for (var version = 0; version <= 3; version++)
            File.SetLastWriteTimeUtc(Path.Combine(lake.TablePath("bronze.visits"), "_delta_log", $"{version:D20}.json"), new DateTime(2026, 1, 5, version, 0, 0, DateTimeKind.Utc));
        Assert.Equal((2, 20), Shape(await lake.GetAsync($"{Table}/preview?timestamp=2026-01-05T02:30:00Z&limit=100")));
        Assert.DoesNotContain("guest", (await lake.GetAsync($"{Table}/preview?version=1")).GetProperty("rows").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_answered_with_those_that_are()
    {
        await using var lake = await FilledAsync(2);
        var (code, error) = await lake.RefusedAsync($"{Table}/preview?version=9");
        Assert.Equal(HttpStatusCode.NotFound, code);
        Assert.Contains("a version from 0 to 2", error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await lake.RefusedAsync($"{Table}/preview?timestamp=2001-01-01")).Code);
    }

    [Theory]
    [InlineData("/v1/tables?limit=0", "limit: found '0'; expected a whole number from 1 to 1000")]
    [InlineData("/v1/tables?after=x", "after: found 'x'; expected the 'next' of an earlier answer")]
    [InlineData(Table + "/history?limit=many", "limit: found 'many'")]
    [InlineData(Table + "/history?before=-1", "before: found '-1'; expected a whole number from 0 on")]
    [InlineData(Table + "/preview?versoin=1", "versoin: found 'versoin'; expected one of limit, timestamp, version")]
    [InlineData(Table + "/preview?version=1&timestamp=2026-01-01", "version, timestamp: found both")]
    [InlineData(Table + "/preview?timestamp=yesterday", "timestamp: found 'yesterday'; expected a date or a time in ISO 8601")]
    [InlineData(Table + "/changes", "from: found ''; expected the first version")]
    [InlineData(Table + "/changes?from=0", "delta.enableChangeDataFeed")]
    [InlineData("/v1/dead-letters", "pipeline: found ''")]
    [InlineData("/v1/maintenance?before=0", "before: found '0'")]
    public async Task What_is_wrong_with_a_request_is_said_by_name(string path, string expected)
    {
        await using var lake = await FilledAsync(1);
        var (code, error) = await lake.RefusedAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.Contains(expected, error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task History_and_tables_are_paged_without_gap_or_repeat()
    {
        await using var lake = await FilledAsync(5);
        List<long> versions = [];
        for (var next = ""; ;)
        {
            var page = await lake.GetAsync($"{Table}/history?limit=2{next}");
            versions.AddRange(page.GetProperty("commits").EnumerateArray().Select(commit => commit.GetProperty("version").GetInt64()));
            if (page.GetProperty("next").ValueKind == JsonValueKind.Null)
                break;
            next = $"&before={page.GetProperty("next").GetInt64()}";
        }

        Assert.Equal([5, 4, 3, 2, 1, 0], versions);
        await lake.DeliverAsync(Samples.Topic + ".dlq", new Sent(Samples.DeadLetter("type", [1]), "file#1", 0, 0));
        await lake.DeliverAsync(Samples.Topic, new Sent([1], "bad", 7, 0));
        var first = await lake.GetAsync("/v1/tables?limit=2");
        Assert.Equal(["bronze.dead_letters", "bronze.quarantine"], Names(first));
        Assert.Equal(["bronze.visits"], Names(await lake.GetAsync($"/v1/tables?limit=2&after={first.GetProperty("next").GetString()}")));
    }

    [Fact]
    public async Task A_tables_detail_tells_columns_properties_and_protocol()
    {
        await using var lake = await FilledAsync(2);
        var detail = await lake.GetAsync(Table);
        Assert.Equal((2, 0, 20), (detail.GetProperty("version").GetInt32(), detail.GetProperty("oldest_version").GetInt32(), detail.GetProperty("rows").GetInt32()));
        var columns = detail.GetProperty("columns").EnumerateArray().ToDictionary(column => column.GetProperty("name").GetString()!, column => column);
        Assert.Equal("string", columns["guest"].GetProperty("type").GetString());
        Assert.True(columns["guest"].GetProperty("personal").GetBoolean());
        Assert.False(columns["place"].GetProperty("personal").GetBoolean());
        Assert.Equal("ingestion_date", detail.GetProperty("partitioned_by")[0].GetString());
        Assert.Equal(2, detail.GetProperty("min_writer_version").GetInt32());
    }

    internal static async Task<TestLakehouse> FilledAsync(int commits, params string[] args)
    {
        var lake = await TestLakehouse.StartAsync(["--MESH_BRONZE_LINGER_MS=1", .. args]);
        for (var i = 0; i < commits; i++)
            Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, i * 10, 10)));
        return lake;
    }

    private static (int Version, int Rows) Shape(JsonElement preview) => (preview.GetProperty("version").GetInt32(), preview.GetProperty("rows").GetArrayLength());

    private static IEnumerable<string> Names(JsonElement tables) => tables.GetProperty("tables").EnumerateArray().Select(table => table.GetProperty("table").GetString()!);
}
