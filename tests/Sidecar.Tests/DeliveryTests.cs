using System.Text;
using System.Text.Json;
using Dapr;
using Microsoft.AspNetCore.Builder;
using RealTimeMesh.Components;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Sidecar.Tests;

public sealed class DeliveryTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02";

    [Fact]
    public async Task A_single_event_arrives_as_a_cloud_event_with_its_trace_and_headers()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"in"}]""");
        await using var sidecar = await StartAsync(app);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.0/publish/pubsub/t?metadata.color=blue&metadata.content-length=7") { Content = new StringContent("hello") };
        request.Headers.Add("traceparent", Trace);
        using var response = await sidecar.Http.SendAsync(request);

        var delivery = await app.NextAsync();

        Assert.Equal("/in", delivery.Path);
        Assert.Equal("application/cloudevents+json", delivery.Headers["content-type"]);
        Assert.Equal(Trace, delivery.Headers["traceparent"]);
        Assert.Equal("blue", delivery.Headers["color"]);
        Assert.Equal("hello", delivery.Json.GetProperty("data").GetString());
        Assert.Equal(Trace, delivery.Json.GetProperty("traceid").GetString());
    }

    [Fact]
    public async Task An_event_that_asks_for_retry_comes_again_until_it_succeeds()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""");
        var answers = new Queue<(int, string)>([(200, """{"status":"RETRY"}"""), (503, ""), (200, """{"status":"SUCCESS"}""")]);
        app.Answer = _ => answers.Count > 0 ? answers.Dequeue() : (200, "");
        await using var sidecar = await StartAsync(app);
        await sidecar.Dapr.PublishEventAsync("pubsub", "t", new { a = 1 });

        var ids = new[] { await app.NextAsync(), await app.NextAsync(), await app.NextAsync() }.Select(request => request.Json.GetProperty("id").GetString());

        Assert.Single(ids.Distinct());
        await CommittedAsync(sidecar, "t", 1);
        Assert.False(app.TryNext(out _));
    }

    [Theory]
    [InlineData(200, """{"status":"DROP"}""")]
    [InlineData(404, "")]
    [InlineData(500, "oops")]
    [InlineData(200, """{"status":"WHAT"}""")]
    public async Task A_failed_event_goes_to_the_dead_letter_topic_unchanged(int status, string body)
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead"}]""");
        app.Answer = _ => (status, body);
        await using var sidecar = await StartAsync(app);
        await sidecar.Dapr.PublishEventAsync("pubsub", "t", new { a = 1 });
        await app.NextAsync();
        await CommittedAsync(sidecar, "t", 1);

        var original = Assert.Single(await sidecar.MessagesAsync("t"));
        var dead = Assert.Single(await sidecar.MessagesAsync("dead"));
        Assert.Equal(original.Value.ToArray(), dead.Value.ToArray());
    }

    [Fact]
    public async Task Rules_choose_the_route_in_order_and_the_rest_takes_the_default()
    {
        await using var app = await TestApp.StartAsync("""
            [{"pubsubname":"pubsub","topic":"t","routes":{"rules":[
              {"match":"event.type == \"a\" && event.data.n > 1","path":"/never"}],"default":"/never"}},
             {"pubsubname":"pubsub","topic":"t","routes":{"rules":[
              {"match":"event.type == \"a\"","path":"/a"},
              {"match":"event.type.startsWith('b') || event.data.n == 5","path":"/b"}],"default":"/other"}}]
            """);
        await using var sidecar = await StartAsync(app);
        foreach (var (type, n) in new[] { ("a", 5), ("bc", 1), ("x", 5), ("x", 1) })
            await sidecar.Dapr.PublishEventAsync("pubsub", "t", new { n }, new Dictionary<string, string> { ["cloudevent.type"] = type });

        var paths = new List<string>();
        for (var i = 0; i < 4; i++)
            paths.Add((await app.NextAsync()).Path);

        Assert.Equal(["/a", "/b", "/b", "/other"], paths);
    }

    [Fact]
    public async Task An_event_without_a_matching_route_is_dropped()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","routes":{"rules":[{"match":"event.type == 'a'","path":"/a"}]}}]""");
        await using var sidecar = await StartAsync(app);
        await sidecar.Dapr.PublishEventAsync("pubsub", "t", "x");

        await CommittedAsync(sidecar, "t", 1);
        Assert.False(app.TryNext(out _));
    }

    [Fact]
    public async Task A_raw_subscription_gets_single_values_in_an_envelope_of_base64()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","metadata":{"rawPayload":"true"}}]""");
        await using var sidecar = await StartAsync(app);
        await PublishRawAsync(sidecar, "t", 1);

        var json = (await app.NextAsync()).Json;

        Assert.Equal("application/octet-stream", json.GetProperty("datacontenttype").GetString());
        Assert.Equal("value 0", Encoding.UTF8.GetString(json.GetProperty("data_base64").GetBytesFromBase64()));
    }

    [Fact]
    public async Task A_raw_bulk_delivery_has_daprs_envelope_with_headers_and_position()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","metadata":{"rawPayload":"true"},"bulkSubscribe":{"enabled":true,"maxMessagesCount":3,"maxAwaitDurationMs":5000}}]""");
        app.Answer = AllSucceed;
        await using var sidecar = await StartAsync(app);
        await PublishRawAsync(sidecar, "t", 3);

        var json = (await app.NextAsync()).Json;

        Assert.Equal("com.dapr.event.sent.bulk", json.GetProperty("type").GetString());
        Assert.Equal("t", json.GetProperty("topic").GetString());
        Assert.Equal("pubsub", json.GetProperty("pubsubname").GetString());
        var entries = json.GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(3, entries.Select(entry => entry.GetProperty("entryId").GetString()).Distinct().Count());
        Assert.Equal("value 2", Encoding.UTF8.GetString(entries[2].GetProperty("event").GetBytesFromBase64()));
        Assert.Equal("application/octet-stream", entries[2].GetProperty("contentType").GetString());
        var metadata = entries[2].GetProperty("metadata");
        Assert.Equal("quote \" and ü", metadata.GetProperty("ce_source").GetString());
        Assert.Equal("key 2", metadata.GetProperty("__key").GetString());
        Assert.Equal("t", metadata.GetProperty("__topic").GetString());
        Assert.Equal("0", metadata.GetProperty("__partition").GetString());
        Assert.Equal("2", metadata.GetProperty("__offset").GetString());
        Assert.True(long.Parse(metadata.GetProperty("__timestamp").GetString()!) > 1_600_000_000_000);
    }

    [Fact]
    public async Task Headers_of_any_bytes_and_size_stay_json()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","metadata":{"rawPayload":"true"},"bulkSubscribe":{"enabled":true,"maxMessagesCount":1}}]""");
        app.Answer = AllSucceed;
        await using var sidecar = await StartAsync(app);
        // Name "bad", value: a byte that is no UTF-8, a control character, a backslash.
        byte[] broken = [3, 0, (byte)'b', (byte)'a', (byte)'d', 3, 0, 0, 0, 0xff, 0x01, (byte)'\\'];
        await sidecar.Broker.PublishAsync("t", [new OutgoingMessage("k\"\u00fc", new byte[1], new MessageHeaders(broken))], default);
        await sidecar.Broker.PublishAsync("t", [new OutgoingMessage(null, default, MessageHeaders.From([new("long", new string('<', 100_000) + "\n")]))], default);

        var first = (await app.NextAsync()).Json.GetProperty("entries")[0];
        var second = (await app.NextAsync()).Json.GetProperty("entries")[0];

        Assert.Equal("\ufffd\u0001\\", first.GetProperty("metadata").GetProperty("bad").GetString());
        Assert.Equal("k\"\u00fc", first.GetProperty("metadata").GetProperty("__key").GetString());
        Assert.Equal(100_001, second.GetProperty("metadata").GetProperty("long").GetString()!.Length);
        Assert.False(second.GetProperty("metadata").TryGetProperty("__key", out _));
        Assert.Equal("", second.GetProperty("event").GetString());
    }

    [Fact]
    public async Task Only_the_entries_without_success_come_again_and_dropped_ones_are_dead_letters()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead","bulkSubscribe":{"enabled":true,"maxMessagesCount":4,"maxAwaitDurationMs":5000}}]""");
        app.Answer = request => (200, $$"""{"statuses":[{"entryId":"{{Entry(request, 3)}}","status":"DROP"},{"entryId":"{{Entry(request, 0)}}","status":"SUCCESS"},{"entryId":"{{Entry(request, 1)}}","status":"SUCCESS"},{"entryId":"{{Entry(request, 2)}}","status":"SUCCESS"}]}""");
        await using var sidecar = await StartAsync(app);
        await sidecar.Dapr.BulkPublishEventAsync("pubsub", "t", (int[])[1, 2, 3, 4]);
        var json = (await app.NextAsync()).Json;
        await CommittedAsync(sidecar, "t", 4);

        Assert.Equal("application/cloudevents+json", json.GetProperty("entries")[0].GetProperty("contentType").GetString());
        Assert.Equal(1, json.GetProperty("entries")[0].GetProperty("event").GetProperty("data").GetInt32());
        Assert.Equal(4, JsonDocument.Parse(Assert.Single(await sidecar.MessagesAsync("dead")).Value).RootElement.GetProperty("data").GetInt32());
    }

    [Theory]
    [InlineData(200, """{"statuses":[]}""")]
    [InlineData(200, "nonsense")]
    [InlineData(500, "")]
    public async Task A_bulk_answer_without_statuses_brings_all_entries_again(int status, string body)
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","metadata":{"rawPayload":"true"},"bulkSubscribe":{"enabled":true,"maxMessagesCount":2,"maxAwaitDurationMs":5000}}]""");
        var failures = 1;
        app.Answer = request => Interlocked.Decrement(ref failures) >= 0 ? (status, body) : AllSucceed(request);
        await using var sidecar = await StartAsync(app);
        await PublishRawAsync(sidecar, "t", 2);

        var first = (await app.NextAsync()).Json;
        var second = (await app.NextAsync()).Json;

        Assert.Equal(2, first.GetProperty("entries").GetArrayLength());
        Assert.Equal(2, second.GetProperty("entries").GetArrayLength());
        await CommittedAsync(sidecar, "t", 2);
    }

    [Fact]
    public async Task A_bulk_that_is_answered_404_is_gone_without_dead_letters()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead","metadata":{"rawPayload":"true"},"bulkSubscribe":{"enabled":true,"maxMessagesCount":2,"maxAwaitDurationMs":5000}}]""");
        app.Answer = _ => (404, "");
        await using var sidecar = await StartAsync(app);
        await PublishRawAsync(sidecar, "t", 2);

        await CommittedAsync(sidecar, "t", 2);
        Assert.Empty(await sidecar.MessagesAsync("dead"));
        await app.NextAsync();
        Assert.False(app.TryNext(out _));
    }

    [Fact]
    public async Task A_bulk_that_fails_as_a_whole_becomes_dead_letters_where_there_is_a_topic_for_them()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"dead","metadata":{"rawPayload":"true"},"bulkSubscribe":{"enabled":true,"maxMessagesCount":2,"maxAwaitDurationMs":5000}}]""");
        app.Answer = _ => (500, "");
        await using var sidecar = await StartAsync(app);
        await PublishRawAsync(sidecar, "t", 2);
        await CommittedAsync(sidecar, "t", 2);

        var dead = await sidecar.MessagesAsync("dead");
        Assert.Equal(["value 0", "value 1"], dead.Select(message => Encoding.UTF8.GetString(message.Value.Span)));
        Assert.Equal(["key 0", "key 1"], dead.Select(message => message.Key));
    }

    [Fact]
    public async Task Nothing_is_lost_while_the_app_is_away()
    {
        const string Subscriptions = """[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""";
        var app = await TestApp.StartAsync(Subscriptions);
        await using var sidecar = await StartAsync(app);
        var port = app.Port;
        await app.DisposeAsync();
        for (var i = 0; i < 5; i++)
            await sidecar.Dapr.PublishEventAsync("pubsub", "t", i);

        await using var again = await TestApp.StartAsync(Subscriptions, port);
        var values = new List<int>();
        for (var i = 0; i < 5; i++)
            values.Add((await again.NextAsync()).Json.GetProperty("data").GetInt32());

        Assert.Equal([0, 1, 2, 3, 4], values);
    }

    [Fact]
    public async Task The_sidecar_waits_for_an_app_that_starts_later_and_sends_its_own_id_and_token()
    {
        var first = await TestApp.StartAsync("[]");
        var port = first.Port;
        await first.DisposeAsync();
        await using var sidecar = await SidecarHarness.StartAsync(new SidecarOptions { AppId = "app1", AppPort = port, AppApiToken = "secret" });
        using var early = await sidecar.Http.GetAsync("/v1.0/healthz");
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", port);
        await sidecar.ReadyAsync();
        await sidecar.Dapr.PublishEventAsync("pubsub", "t", 1);

        Assert.Equal(500, (int)early.StatusCode);
        Assert.Contains("ERR_HEALTH_NOT_READY", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("secret", (await app.NextAsync()).Headers["dapr-api-token"]);
    }

    [Fact]
    public async Task A_stop_waits_for_the_running_delivery()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""");
        using var entered = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        app.Answer = _ =>
        {
            entered.Release();
            release.Wait();
            return (200, "");
        };
        await using var sidecar = await StartAsync(app);
        await sidecar.Dapr.PublishEventAsync("pubsub", "t", 1);
        await entered.WaitAsync();

        var stop = sidecar.StopAsync();
        Assert.False(stop.IsCompleted);
        release.Set();
        await stop;

        Assert.Equal(1, (await sidecar.Broker.GetCommittedAsync("t", "app1", default))[0]);
    }

    [Fact]
    public async Task Events_expire_on_a_broker_without_a_time_to_live()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""");
        await using var sidecar = await StartAsync(app);
        var message = """{"id":"1","specversion":"1.0","source":"s","type":"t","expiration":"2020-01-01T00:00:00Z"}""";
        await sidecar.Broker.PublishAsync("t", [new OutgoingMessage(null, Encoding.UTF8.GetBytes(message), default)], default);

        await CommittedAsync(sidecar, "t", 1);
        Assert.False(app.TryNext(out _));
    }

    [Fact]
    public async Task Official_packages_publish_and_receive_in_bulk()
    {
        var received = new TaskCompletionSource<List<string>>();
        await using var app = await TestApp.StartAsync(web => web.MapBulkTopic("pubsub", "mesh.t", "/bulk", 100, TimeSpan.FromMilliseconds(50), (delivery, _) =>
        {
            received.TrySetResult([.. delivery.Events.Select(item => $"{item.Partition}/{item.Offset} {item.IdText} {item.SourceText} {item.Sequence} {Encoding.UTF8.GetString(item.Payload.Span)}")]);
            return Task.FromResult<IReadOnlyList<DeliveryStatus>>([.. delivery.Events.Select(_ => DeliveryStatus.Success)]);
        }));
        await using var sidecar = await StartAsync(app);
        var publisher = new EventPublisher(sidecar.Channel.CreateCallInvoker(), "pubsub", null);

        await publisher.PublishAsync(
            "mesh.t",
            new EventEnvelope("file", "created", DateTimeOffset.UnixEpoch, "application/avro", null),
            [new OutgoingEvent("k", "id-1", 1, "one"u8.ToArray()), new OutgoingEvent("k", "id-2", 2, "two"u8.ToArray())],
            default);

        Assert.Equal(["0/0 id-1 file 1 one", "0/1 id-2 file 2 two"], await received.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));
        await CommittedAsync(sidecar, "mesh.t", 2);
    }

    [Fact]
    public async Task Metadata_lists_subscriptions_components_and_the_app()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"pubsub","topic":"t","route":"/in","deadLetterTopic":"d"},{"pubsubname":"missing","topic":"m","route":"/in"}]""");
        await using var sidecar = await StartAsync(app);
        using var put = await sidecar.Http.PutAsync("/v1.0/metadata/team", new StringContent("blue"));

        var json = JsonDocument.Parse(await sidecar.Http.GetStringAsync("/v1.0/metadata")).RootElement;
        var grpc = await sidecar.Dapr.GetMetadataAsync();

        Assert.Equal("app1", json.GetProperty("id").GetString());
        Assert.Matches(@"^(edge|\d+\.\d+\.\d+(-rc\.\d+)?)$", json.GetProperty("runtimeVersion").GetString()!);
        Assert.Equal("blue", json.GetProperty("extended").GetProperty("team").GetString());
        Assert.Equal(["t", "m"], json.GetProperty("subscriptions").EnumerateArray().Select(item => item.GetProperty("topic").GetString()));
        Assert.Equal("/in", json.GetProperty("subscriptions")[0].GetProperty("rules")[0].GetProperty("path").GetString());
        Assert.Equal(app.Port, json.GetProperty("appConnectionProperties").GetProperty("port").GetInt32());
        Assert.Equal(["pubsub", "statestore"], grpc.Components.Select(component => component.Name));
        Assert.Equal("blue", grpc.Extended["team"]);
    }

    [Fact]
    public async Task A_rule_that_cannot_be_read_refuses_its_subscription_alone()
    {
        await using var app = await TestApp.StartAsync("""
            [{"pubsubname":"pubsub","topic":"bad","routes":{"rules":[{"match":"event.type ~ 1","path":"/a"}],"default":"/a"}},
             {"pubsubname":"pubsub","topic":"good","route":"/in"}]
            """);
        await using var sidecar = await StartAsync(app);

        var json = JsonDocument.Parse(await sidecar.Http.GetStringAsync("/v1.0/metadata")).RootElement;

        Assert.Equal("good", Assert.Single(json.GetProperty("subscriptions").EnumerateArray()).GetProperty("topic").GetString());
    }

    private static async Task<SidecarHarness> StartAsync(TestApp app)
    {
        var sidecar = await SidecarHarness.StartAsync(new SidecarOptions { AppId = "app1", AppPort = app.Port });
        await sidecar.ReadyAsync();
        return sidecar;
    }

    private static async Task PublishRawAsync(SidecarHarness sidecar, string topic, int count)
    {
        var messages = Enumerable.Range(0, count).Select(i => new OutgoingMessage(
            $"key {i}",
            Encoding.UTF8.GetBytes($"value {i}"),
            MessageHeaders.From([new("ce_id", $"{i}"), new("ce_source", "quote \" and ü")])));
        await sidecar.Broker.PublishAsync(topic, [.. messages], default);
    }

    private static (int, string) AllSucceed(AppRequest request) =>
        (200, JsonSerializer.Serialize(new { statuses = request.Json.GetProperty("entries").EnumerateArray().Select(entry => new { entryId = entry.GetProperty("entryId").GetString(), status = "SUCCESS" }) }));

    private static string? Entry(AppRequest request, int place) => request.Json.GetProperty("entries")[place].GetProperty("entryId").GetString();

    private static async Task CommittedAsync(SidecarHarness sidecar, string topic, long offset)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!(await sidecar.Broker.GetCommittedAsync(topic, "app1", limit.Token)).TryGetValue(0, out var committed) || committed < offset)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }
}
