using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;

namespace RealTimeMesh.StreamProcessor.Tests;

public class FlowTests
{
    private const string Views = """

          rolling:
            from: readings
            window: { sliding: { size: 2m, slide: 1m } }
            by: [sensor]
            select: { n: count(*), top: max(value) }
            emit: { updates: 0s }
            retain: 30d
          runs:
            from: readings
            window: { session: 1m }
            by: [sensor]
            select: { n: count(*) }
            retain: 30d
        """;

    [Fact]
    public async Task Sliding_windows_and_sessions_show_to_readers_and_in_the_state_store_and_survive_a_restart()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 2, views: Views);
        await mesh.PublishAsync("door", [.. Enumerable.Range(0, 90).Select(i => mesh.Event("s0", i, i))]);
        await mesh.PublishAsync("door", mesh.Event("s0", 400, 5));
        await RowsAsync(mesh, "rolling", rows => rows.Count == 5);

        string[] rolling = [.. (await mesh.GetAsync("/v1/views/plant/rolling?order=asc&key=s0&limit=3")).GetProperty("rows").EnumerateArray().Select(row => row.GetRawText())];
        Assert.Equal(
        [
            """{"sensor":"s0","n":60,"top":59,"start":"2026-03-01T11:59:00Z","end":"2026-03-01T12:01:00Z","final":true}""",
            """{"sensor":"s0","n":90,"top":89,"start":"2026-03-01T12:00:00Z","end":"2026-03-01T12:02:00Z","final":true}""",
            """{"sensor":"s0","n":30,"top":89,"start":"2026-03-01T12:01:00Z","end":"2026-03-01T12:03:00Z","final":true}""",
        ], rolling);
        await RowsAsync(mesh, "runs", rows => rows.Count == 1 && rows[0] == """{"sensor":"s0","n":90,"start":"2026-03-01T12:00:00Z","end":"2026-03-01T12:02:29Z","final":true}""");

        var stored = await mesh.Dapr.GetStateAsync(new GetStateRequest { StoreName = "statestore", Key = "views/plant.rolling/s0/2026-03-01T12:00:00Z" }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("""{"key":{"sensor":"s0"},"windows":[{"start":"2026-03-01T12:00:00Z","end":"2026-03-01T12:02:00Z","final":true,"n":90,"top":89}]}""", stored.Data.ToStringUtf8());
        var held = (await mesh.GetAsync("/v1/held")).GetProperty("held").EnumerateArray().First();
        Assert.Equal("plant.readings", held.GetProperty("topic").GetString());
        Assert.Equal(90, held.GetProperty("offset").GetInt64());

        await mesh.StopAppAsync();
        await mesh.StartAppAsync();
        await RowsAsync(mesh, "rolling", rows => rows.Count == 5);
        await mesh.PublishAsync("door", mesh.Event("s0", 1, 1), mesh.Event("s0", 401, 6));
        await RowsAsync(mesh, "rolling", rows => rows.Any(row => row.Contains("\"n\":2,\"top\":6", StringComparison.Ordinal)));
        var flow = (await mesh.GetAsync("/v1/views")).GetProperty("flows")[0];
        Assert.Equal(1, flow.GetProperty("late").GetInt64());
        Assert.Equal(91, flow.GetProperty("late_events")[0].GetProperty("offset").GetInt64());
    }

    [Fact]
    public async Task Query_that_cannot_be_answered_is_refused_with_a_reason()
    {
        await using var mesh = await Mesh.StartAsync(partitions: 1, views: Views);
        foreach (var query in new[] { "limit=0", "after=x", "key=a|b" })
        {
            using var response = await mesh.Http.GetAsync($"/v1/views/plant/rolling?{query}", TestContext.Current.CancellationToken);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest || (query.StartsWith("key", StringComparison.Ordinal) && response.StatusCode == HttpStatusCode.OK), $"{query}: {body}");
        }
    }

    private static Task RowsAsync(Mesh mesh, string view, Func<List<string>, bool> condition) =>
        mesh.EventuallyAsync($"/v1/views/plant/{view}?limit=100&order=asc", (status, body) =>
            status == HttpStatusCode.OK && condition([.. JsonDocument.Parse(body[4..]).RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetRawText())]));
}
