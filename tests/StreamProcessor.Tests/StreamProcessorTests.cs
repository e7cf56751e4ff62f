using System.Net;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.StreamProcessor.Tests;

public class StreamProcessorTests
{
    [Fact]
    public async Task Published_events_show_in_the_view_the_ledger_and_the_watermarks()
    {
        await using var mesh = await Mesh.StartAsync();

        await mesh.PublishAsync("door", [.. Enumerable.Range(0, 300).Select(i => mesh.Event($"s{i % 3}", i, i))]);
        await mesh.LedgerAsync(applied: 300);

        var page = await mesh.GetAsync("/v1/views/plant/by_sensor?key=s1&order=asc&limit=2");
        Assert.Equal(["sensor", "n", "mean", "p50", "start", "end", "final"], page.GetProperty("columns").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("""{"sensor":"s1","n":20,"mean":29.5,"p50":29.5,"start":"2026-03-01T12:00:00Z","end":"2026-03-01T12:01:00Z","final":true}""", page.GetProperty("rows")[0].GetRawText());
        Assert.Equal(2, page.GetProperty("rows").GetArrayLength());
        var rest = await mesh.GetAsync($"/v1/views/plant/by_sensor?key=s1&order=asc&limit=100&after={page.GetProperty("next").GetString()}");
        Assert.Equal(3, rest.GetProperty("rows").GetArrayLength());

        var view = (await mesh.GetAsync("/v1/views")).GetProperty("views")[0];
        Assert.Equal("by_sensor", view.GetProperty("view").GetString());
        Assert.Equal(3, view.GetProperty("groups").GetInt32());
        Assert.Equal(60_000, view.GetProperty("window_ms").GetInt64());
        var marks = (await mesh.GetAsync("/v1/watermarks")).GetProperty("streams")[0].GetProperty("partitions");
        Assert.Contains(marks.EnumerateArray(), mark => mark.GetProperty("watermark").GetString() == "2026-03-01T12:03:59Z");
        var latency = (await mesh.GetAsync("/v1/ledger")).GetProperty("latency");
        Assert.Equal(300, latency.GetProperty("count").GetInt64());
        Assert.True(latency.GetProperty("p99_ms").GetDouble() <= latency.GetProperty("max_ms").GetDouble());
    }

    [Fact]
    public async Task Restart_keeps_ledger_and_views_and_skips_what_a_source_publishes_again()
    {
        await using var mesh = await Mesh.StartAsync();
        OutgoingEvent[] events = [.. Enumerable.Range(0, 100).Select(i => mesh.Event($"s{i % 3}", i, i, sequence: i))];
        await mesh.PublishAsync("file", events);
        await mesh.LedgerAsync(applied: 100);
        var before = (await mesh.GetAsync("/v1/views/plant/by_sensor")).GetProperty("rows").GetRawText();
        await mesh.StopAppAsync();

        await mesh.StartAppAsync();
        await mesh.LedgerAsync(applied: 100);
        Assert.Equal(before, (await mesh.GetAsync("/v1/views/plant/by_sensor")).GetProperty("rows").GetRawText());

        await mesh.PublishAsync("file", events[60..]);
        await mesh.PublishAsync("file", mesh.Event("s0", 100, 1, sequence: 100));
        await mesh.LedgerAsync(applied: 101, duplicates: 40);
        Assert.NotEqual(before, (await mesh.GetAsync("/v1/views/plant/by_sensor")).GetProperty("rows").GetRawText());
    }

    [Fact]
    public async Task Events_that_cannot_be_read_are_quarantined_and_do_not_block_the_others()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1);
        var good = mesh.Event("s0", 1, 1);

        await mesh.PublishAsync("door",
            good,
            good with { Id = "text", Payload = "not framed"u8.ToArray() },
            good with { Id = "foreign", Payload = new byte[] { 0, 0, 0, 0, 99, 1, 2 } },
            good with { Id = "cut", Payload = good.Payload[..^3] },
            mesh.Event("s0", 2, 1));

        await mesh.LedgerAsync(applied: 2, quarantined: 3);
        var events = (await mesh.GetAsync("/v1/quarantine")).GetProperty("events").EnumerateArray().ToArray();
        Assert.Equal(["cut", "foreign", "text"], events.Select(item => item.GetProperty("id").GetString()));
        Assert.All(events, item => Assert.NotEqual("", item.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Late_events_are_counted_once_and_change_no_window()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1);

        await mesh.PublishAsync("door", mesh.Event("s0", 1_000, 1), mesh.Event("s0", 1, 1));

        await mesh.LedgerAsync(applied: 1, late: 1);
        Assert.Equal(1, (await mesh.GetAsync("/v1/views/plant/by_sensor")).GetProperty("rows").GetArrayLength());
    }

    [Theory]
    [InlineData("/v1/views/plant/none", HttpStatusCode.NotFound, "/v1/views lists")]
    [InlineData("/v1/views/plant/by_sensor?from=yesterday", HttpStatusCode.BadRequest, "ISO 8601")]
    [InlineData("/v1/views/plant/by_sensor?order=up", HttpStatusCode.BadRequest, "asc or desc")]
    [InlineData("/v1/views/plant/by_sensor?limit=100000", HttpStatusCode.BadRequest, "1 to 10000")]
    [InlineData("/v1/views/plant/by_sensor?key=a%7Cb", HttpStatusCode.BadRequest, "joined by")]
    public async Task Query_that_cannot_be_answered_says_why(string path, HttpStatusCode status, string expected)
    {
        await using var mesh = await Mesh.StartAsync();

        using var response = await mesh.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_is_not_healthy_before_its_positions_are_restored()
    {
        await using var mesh = await Mesh.StartAsync();
        await using var lonely = StreamProcessorApp.Build(mesh.Args(sidecarGrpcPort: 1, appPort: 0));
        await lonely.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri(lonely.Urls.First() + "/healthz"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        await lonely.StopAsync(TestContext.Current.CancellationToken);
    }
}
