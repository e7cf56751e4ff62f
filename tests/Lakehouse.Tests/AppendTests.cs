using System.Net;
using System.Text.Json;

namespace RealTimeMesh.Lakehouse.Tests;

public sealed class AppendTests
{
    [Fact]
    public async Task Delivered_events_are_rows_of_the_bronze_table()
    {
        await using var lake = await TestLakehouse.StartAsync();
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 500)));
        Assert.Equal((500, 0, 0, 0), await lake.LedgerAsync());
        Assert.Equal((500, 500), await lake.AuditAsync());
        var table = (await lake.GetAsync("/v1/tables")).GetProperty("tables")[0];
        Assert.Equal("bronze.visits", table.GetProperty("table").GetString());
        Assert.Equal(1, table.GetProperty("version").GetInt64());
        Assert.True(Directory.Exists(Path.Combine(lake.TablePath("bronze.visits"), "ingestion_date=2026-01-05")));
    }

    [Fact]
    public async Task Deliveries_that_wait_together_share_one_commit()
    {
        await using var lake = await TestLakehouse.StartAsync("--MESH_BRONZE_LINGER_MS=300");
        var codes = await Task.WhenAll(Enumerable.Range(0, 6).Select(partition => lake.DeliverAsync(Samples.Topic, lake.Visits(partition, 0, 100))));
        Assert.All(codes, code => Assert.Equal(HttpStatusCode.OK, code));
        Assert.Equal((600, 600), await lake.AuditAsync());
        var commits = (await lake.GetAsync("/v1/tables/test/bronze.visits/history")).GetProperty("commits");
        Assert.InRange(commits.GetArrayLength(), 2, 4);
    }

    [Fact]
    public async Task An_offset_delivered_again_has_no_effect()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 10));
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 5, 10));
        await lake.DeliverAsync(Samples.Topic, lake.Visits(1, 0, 10));
        Assert.Equal((25, 0, 0, 5), await lake.LedgerAsync());
        Assert.Equal((25, 25), await lake.AuditAsync());
    }

    [Fact]
    public async Task An_event_published_again_under_its_sequence_has_no_effect()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 10, firstSequence: 100));
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 10, 10, firstSequence: 105));
        Assert.Equal((15, 0, 0, 5), await lake.LedgerAsync());
        Assert.Equal((15, 15), await lake.AuditAsync());
    }

    [Fact]
    public async Task Positions_survive_a_restart()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 10, firstSequence: 0));
        await lake.StopAppAsync();
        await lake.StartAppAsync();
        Assert.Equal((10, 0, 0, 0), await lake.LedgerAsync());
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 10, firstSequence: 0));
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 10, 5, firstSequence: 8));
        Assert.Equal((13, 0, 0, 12), await lake.LedgerAsync());
    }

    [Fact]
    public async Task Unreadable_events_are_quarantined_once_and_block_nothing()
    {
        await using var lake = await TestLakehouse.StartAsync();
        Sent[] bad =
        [
            new([1, 2, 3], "bad-1", 0, 1),
            new([.. Samples.Visit(lake.SchemaId, 1).AsSpan(0, 8)], "bad-2", 0, 2),
            new(Samples.Visit(9999, 1), "bad-3", 0, 3),
            new(Samples.Visit(lake.SchemaId, 1, at: long.MaxValue), "bad-4", 0, 4),
        ];
        var events = lake.Visits(0, 0, 1).Concat(bad).Concat(lake.Visits(0, 5, 5)).ToList();
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal((6, 0, 4, 10), await lake.LedgerAsync());
        var preview = await lake.GetAsync("/v1/tables/test/bronze.quarantine/preview");
        Assert.Contains("AQID", preview.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("years 1 to 9999", preview.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_between_quarantine_and_bronze_repeats_neither()
    {
        await using var lake = await TestLakehouse.StartAsync();
        List<Sent> events = [.. lake.Visits(0, 0, 3), new([1], "bad", 0, 3), .. lake.Visits(0, 4, 3)];
        // The bronze table cannot be made: its folder's name is taken by a file.
        Directory.CreateDirectory(Path.Combine(lake.LakePath, "test", "bronze"));
        await File.WriteAllTextAsync(lake.TablePath("bronze.visits"), "in the way");
        Assert.Equal(HttpStatusCode.InternalServerError, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal((0, 0, 1, 0), await lake.LedgerAsync());
        File.Delete(lake.TablePath("bronze.visits"));
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, events));
        Assert.Equal((6, 0, 1, 0), await lake.LedgerAsync());
    }

    [Fact]
    public async Task An_unwritable_lake_fails_the_delivery_and_the_health_says_why()
    {
        await using var lake = await TestLakehouse.StartAsync();
        Assert.True((await lake.Http.GetAsync("/healthz")).IsSuccessStatusCode);
        Directory.CreateDirectory(Path.GetDirectoryName(lake.TablePath("bronze.visits"))!);
        await File.WriteAllTextAsync(lake.TablePath("bronze.visits"), "in the way");
        Assert.Equal(HttpStatusCode.InternalServerError, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await lake.Http.GetAsync("/healthz")).StatusCode);
        File.Delete(lake.TablePath("bronze.visits"));
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 5)));
        Assert.True((await lake.Http.GetAsync("/healthz")).IsSuccessStatusCode);
        Assert.Equal((5, 5), await lake.AuditAsync());
    }

    [Fact]
    public async Task Racing_deliveries_with_repeats_end_with_each_event_once()
    {
        await using var lake = await TestLakehouse.StartAsync("--MESH_BRONZE_LINGER_MS=1");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async partition =>
        {
            for (var offset = 0; offset < 200; offset += 10)
                Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(partition, Math.Max(0, offset - 5), 15)));
        }));
        Assert.Equal((800, 800), await lake.AuditAsync());
    }

    [Fact]
    public async Task Personal_data_is_masked_in_a_preview()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 3));
        var preview = await lake.GetAsync("/v1/tables/test/bronze.visits/preview?limit=2");
        Assert.Equal(2, preview.GetProperty("rows").GetArrayLength());
        Assert.DoesNotContain("guest 1", preview.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("***", preview.GetProperty("rows")[0][1].GetString());
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_answered_with_those_that_are()
    {
        await using var lake = await TestLakehouse.StartAsync();
        await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 0, 3));
        using var response = await lake.Http.GetAsync("/v1/tables/test/bronze.nothing/history");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("test/bronze.visits", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await lake.Http.GetAsync("/v1/tables/..%2Ftest/bronze.visits/history")).StatusCode);
    }

    [Fact]
    public async Task The_topics_are_subscribed_in_bulk_as_raw_payloads()
    {
        await using var lake = await TestLakehouse.StartAsync();
        var subscriptions = (await lake.GetAsync("/dapr/subscribe")).EnumerateArray().ToDictionary(item => item.GetProperty("topic").GetString()!, item => item);
        Assert.Equal([Samples.Topic, Samples.Topic + ".dlq"], subscriptions.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2500, subscriptions[Samples.Topic].GetProperty("bulkSubscribe").GetProperty("maxMessagesCount").GetInt32());
        Assert.Equal("true", subscriptions[Samples.Topic].GetProperty("metadata").GetProperty("rawPayload").GetString());
    }
}
