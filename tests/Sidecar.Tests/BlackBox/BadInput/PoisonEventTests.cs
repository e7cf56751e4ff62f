using Dapr.AppCallback.Autogen.Grpc.v1;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Values on a topic that are no CloudEvents, or odd ones: subscribers skip what they cannot read and go on.</summary>
public sealed class PoisonEventTests(ITestOutputHelper output)
{
    private const int Events = 400;

    private static readonly string Subscriptions = string.Join("\n---\n", ((string[])["plain", "bulk"]).Select(topic => $"""
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata:
          name: {topic}
        spec:
          pubsubname: ps
          topic: {topic}
          routes:
            rules:
            - match: event.type == "a" && event.data.n > 3
              path: /a
            - match: has(event.data.x) && event.data.x.startsWith("b")
              path: /b
            default: /default
          {(topic == "bulk" ? "bulkSubscribe:\n    enabled: true\n    maxMessagesCount: 10\n    maxAwaitDurationMs: 20" : "")}
        """));

    public static MatrixTheoryData<string, int> TopicsAndSeeds => new(["plain", "bulk"], FuzzSeeds.All.Select(row => row.Data));

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(TopicsAndSeeds))]
    public async Task Http_app_gets_the_good_event_behind_hundreds_of_odd_ones(string topic, int seed)
    {
        output.WriteLine($"seed {seed}");
        await using var app = await TestApp.StartAsync("[]");
        var arrived = false;
        app.Answer = request =>
        {
            arrived |= System.Text.Encoding.UTF8.GetString(request.Body).Contains("the good one", StringComparison.Ordinal);
            return (200, "");
        };
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Resources = [Manifests.InMemoryPubSub("ps"), Subscriptions] });
        await PublishAsync(daprd, topic, seed);
        await Eventually.TrueAsync(() => Volatile.Read(ref arrived), () => $"the good event to arrive:\n{daprd.Log}");
        Unexpected.AssertNoneIn(daprd.Log);
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(TopicsAndSeeds))]
    public async Task Grpc_app_gets_the_good_event_behind_hundreds_of_odd_ones(string topic, int seed)
    {
        output.WriteLine($"seed {seed}");
        var arrived = false;
        await using var app = new GrpcTestApp
        {
            ListTopicSubscriptions = _ => Task.FromResult(new ListTopicSubscriptionsResponse()),
            OnTopicEvent = (request, _) =>
            {
                arrived |= request.Data.ToStringUtf8().Contains("the good one", StringComparison.Ordinal);
                return Task.FromResult(new TopicEventResponse());
            },
            OnBulkTopicEvent = (request, _) =>
            {
                arrived |= request.Entries.Any(entry => entry.CloudEvent?.Data.ToStringUtf8().Contains("the good one", StringComparison.Ordinal) == true);
                var response = new TopicEventBulkResponse();
                response.Statuses.AddRange(request.Entries.Select(entry => new TopicEventBulkResponseEntry { EntryId = entry.EntryId }));
                return Task.FromResult(response);
            },
        };
        await app.StartAsync();
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, AppProtocol = "grpc", Resources = [Manifests.InMemoryPubSub("ps"), Subscriptions] });
        await PublishAsync(daprd, topic, seed);
        await Eventually.TrueAsync(() => Volatile.Read(ref arrived), () => $"the good event to arrive:\n{daprd.Log}");
        Unexpected.AssertNoneIn(daprd.Log);
    }

    private static async Task PublishAsync(Daprd daprd, string topic, int seed)
    {
        var fuzzer = new RequestFuzzer(seed);
        string[] oddities =
        [
            """{"id":"\ud800","type":"a","data":{"n":1}}""",
            """{"id":"1","type":"a","source":"s","specversion":"1.0","datacontenttype":"\ud800","data":"x"}""",
            """{"id":"1","type":"a","source":"s","specversion":"1.0","\ud800":"x","data":{"n":5}}""",
            """{"id":"1","type":"a","source":"s","specversion":"1.0","data":{"x":"\ud800"}}""",
            """{"id":"1","type":"a","source":"s","specversion":"1.0","data_base64":"%%%"}""",
            """{"id":1,"type":[],"source":{},"specversion":null,"time":5,"expiration":{},"datacontenttype":7,"data":{"n":"x"}}""",
            "{\"id\":\"1\",\"type\":\"a\",\"data\":" + new string('[', 900) + new string(']', 900) + "}",
            "{\"id\":\"1\",\"type\":\"a\",\"data\":" + new string('[', 9000) + new string(']', 9000) + "}",
            "{\"id\":\"1\",\"type\":\"a\",\"data\":{\"n\":" + new string('9', 5000) + "}}",
            """{"id":"1","type":"a","data":{"n":1e400}}""",
            """{"id":"1","id":"2","type":"a","type":"b","data":1,"data":2}""",
            """{"id":"1","type":"a","data":"x","traceparent":"\u0000","tracestate":"\r\nX-Evil: 1","pubsubname":"\n"}""",
        ];
        foreach (var text in oddities)
            await SendAsync(System.Text.Encoding.UTF8.GetBytes(text));
        for (var i = 0; i < Events; i++)
            await SendAsync(fuzzer.Body());
        using var good = new StringContent("\"the good one\"", System.Text.Encoding.UTF8, "application/json");
        using var response = await daprd.Http.PostAsync($"/v1.0/publish/ps/{topic}", good);
        response.EnsureSuccessStatusCode();

        async Task SendAsync(byte[] value)
        {
            using var content = new ByteArrayContent(value);
            using var published = await daprd.Http.PostAsync($"/v1.0/publish/ps/{topic}?metadata.rawPayload=true", content);
            Assert.Equal(System.Net.HttpStatusCode.NoContent, published.StatusCode);
        }
    }
}
