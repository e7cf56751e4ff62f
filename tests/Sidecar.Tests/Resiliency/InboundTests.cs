using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Tests.Harness;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

public sealed class InboundTests
{
    private const string Spec = """
        policies:
          retries:
            retryAppCall:
              duration: 10ms
              maxRetries: 4
              policy: constant
              matching:
                httpStatusCodes: "500-599"
        targets:
          components:
            mypub:
              inbound:
                retry: retryAppCall
        """;

    [Fact]
    public async Task An_event_that_the_app_keeps_failing_is_delivered_as_often_as_the_policy_says_and_then_dead_lettered()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"mypub","topic":"a","route":"/a","deadLetterTopic":"dead"},{"pubsubname":"mypub","topic":"dead","route":"/dead"}]""");
        app.Answer = request => (request.Path == "/a" ? 500 : 200, "");
        await using var harness = await StartAsync(app);

        await PublishAsync(harness, "a", "first");
        await PublishAsync(harness, "a", "second");

        var seen = new List<string>();
        while (seen.Count(path => path == "/dead") < 2)
            seen.Add((await app.NextAsync()).Path);
        Assert.Equal((10, 2), (seen.Count(path => path == "/a"), seen.Count(path => path == "/dead")));
        Assert.False(app.TryNext(out _));
    }

    [Theory]
    [InlineData(404, "", 1)]
    [InlineData(400, "", 1)]
    [InlineData(503, "", 5)]
    [InlineData(200, "{\"status\":\"RETRY\"}", 5)]
    [InlineData(200, "{\"status\":\"DROP\"}", 1)]
    [InlineData(200, "{\"status\":\"SUCCESS\"}", 1)]
    public async Task Answers_are_repeated_where_they_ask_for_it_and_their_status_matches(int status, string body, int deliveries)
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"mypub","topic":"a","route":"/a","deadLetterTopic":"dead"},{"pubsubname":"mypub","topic":"end","route":"/end"}]""");
        app.Answer = request => request.Path == "/a" ? (status, body) : (200, "");
        await using var harness = await StartAsync(app);

        await PublishAsync(harness, "a", "x");
        var seen = await PathsAsync(app, "/a", deliveries);
        await PublishAsync(harness, "end", "y");

        Assert.All(seen, path => Assert.Equal("/a x", path));
        Assert.Equal("/end", (await app.NextAsync()).Path);
    }

    [Fact]
    public async Task Of_a_bulk_delivery_only_failed_entries_come_again_and_go_to_the_dead_letter_topic_in_the_end()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"mypub","topic":"a","route":"/a","deadLetterTopic":"dead","metadata":{"rawPayload":"true"},"bulkSubscribe":{"enabled":true,"maxMessagesCount":3,"maxAwaitDurationMs":10000}},{"pubsubname":"mypub","topic":"dead","route":"/dead","metadata":{"rawPayload":"true"}}]""");
        var batches = new ConcurrentQueue<string>();
        app.Answer = request =>
        {
            if (request.Path != "/a")
                return (200, "");
            var entries = request.Json.GetProperty("entries").EnumerateArray().Select(entry => (Id: entry.GetProperty("entryId").GetString(), Text: Text(entry.GetProperty("event")))).ToArray();
            batches.Enqueue(string.Join(',', entries.Select(entry => entry.Text)));
            return (200, JsonSerializer.Serialize(new { statuses = entries.Select(entry => new { entryId = entry.Id, status = entry.Text == "bad" || (entry.Text == "late" && batches.Count < 3) ? "RETRY" : "SUCCESS" }) }));
        };
        await using var harness = await StartAsync(app);

        var request = new BulkPublishRequest { PubsubName = "mypub", Topic = "a", Metadata = { ["rawPayload"] = "true", ["partitionKey"] = "k" } };
        foreach (var text in (string[])["bad", "good", "late"])
            request.Entries.Add(new BulkPublishRequestEntry { EntryId = text, Event = ByteString.CopyFromUtf8(text), ContentType = "text/plain" });
        await harness.Grpc.BulkPublishEventAsync(request);

        AppRequest next;
        do
            next = await app.NextAsync();
        while (next.Path != "/dead");
        Assert.Equal("bad", System.Text.Encoding.UTF8.GetString(next.Json.GetProperty("data_base64").GetBytesFromBase64()));
        Assert.Equal(["bad,good,late", "bad,late", "bad,late", "bad", "bad"], batches);
    }

    private static async Task<PolicyHarness> StartAsync(TestApp app)
    {
        var spec = new ComponentSpec { Name = "mypub", Type = "pubsub.in-memory-log" };
        var broker = await new InMemoryLogType().StartAsync(spec, new ComponentContext("app1", "", TimeProvider.System), default);
        return await PolicyHarness.StartAsync(Spec, app.Port, ("mypub", broker));
    }

    private static async Task PublishAsync(PolicyHarness harness, string topic, string text) =>
        await harness.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "mypub", Topic = topic, Data = ByteString.CopyFromUtf8(text), DataContentType = "text/plain" });

    /// <summary>The deliveries to a path, with their data.</summary>
    private static async Task<List<string>> PathsAsync(TestApp app, string path, int count)
    {
        var paths = new List<string>();
        while (paths.Count < count)
        {
            var request = await app.NextAsync();
            if (request.Path == path)
                paths.Add($"{request.Path} {request.Json.GetProperty("data").GetString()}");
        }

        return paths;
    }

    private static string Text(JsonElement element) => System.Text.Encoding.UTF8.GetString(element.GetBytesFromBase64());
}
