using System.Collections.Concurrent;
using System.Net;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Publish;

/// <summary>The truth tables of a component's scopes: three sidecars over the same files, one app.</summary>
public sealed class ScopeTests : IAsyncDisposable
{
    private static readonly string[] Apps = ["app1", "app2", "app3"];

    private readonly GrpcTestApp _app = new();
    private readonly ConcurrentDictionary<string, int> _received = new();
    private readonly Dictionary<string, Daprd> _sidecars = [];

    [Fact]
    public async Task Publishing_scopes_close_the_topics_they_do_not_list_to_the_apps_they_list()
    {
        await StartAsync(
            [
                ("all", []),
                ("allempty", [("publishingScopes", "")]),
                ("app1-topic34", [("publishingScopes", "app1=topic3,topic4")]),
                ("app1-topic7-app2-topic8", [("publishingScopes", "app1=topic7;app2=topic8")]),
                ("app1-nil-app2-topic910", [("publishingScopes", "app1=;app2=topic9,topic10")]),
            ],
            [("all", "topic1"), ("allempty", "topic2"), ("app1-topic34", "topic3"), ("app1-topic34", "topic5"), ("app1-topic7-app2-topic8", "topic7"), ("app1-topic7-app2-topic8", "topic8"), ("app1-nil-app2-topic910", "topic9")]);
        await ExpectAsync("all", "topic1", "+++");
        await ExpectAsync("allempty", "topic2", "+++");
        await ExpectAsync("app1-topic34", "topic3", "+++");
        await ExpectAsync("app1-topic34", "topic5", "x++");
        await ExpectAsync("app1-topic7-app2-topic8", "topic7", "+x+");
        await ExpectAsync("app1-topic7-app2-topic8", "topic8", "x++");
        await ExpectAsync("app1-nil-app2-topic910", "topic9", "x++");
    }

    [Fact]
    public async Task Subscription_scopes_let_publish_but_do_not_deliver()
    {
        await StartAsync(
            [("all", []), ("pair", [("subscriptionScopes", "app1=topic7;app2=topic8")]), ("nil", [("subscriptionScopes", "app1=;app2=topic9,topic10")])],
            [("all", "topic1"), ("pair", "topic7"), ("pair", "topic8"), ("nil", "topic9")]);
        await ExpectAsync("all", "topic1", "+++");
        await ExpectAsync("pair", "topic7", "+-+");
        await ExpectAsync("pair", "topic8", "-++");
        await ExpectAsync("nil", "topic9", "-++");
        await _sidecars["app1"].Grpc.PublishEventAsync(new PublishEventRequest
        {
            PubsubName = "all",
            Topic = "topic1",
            Data = ByteString.CopyFrom(0xde, 0xad, 0xbe, 0xef),
            DataContentType = "application/octet-stream",
            Metadata = { ["ce_id"] = "aquadag-543", ["ce_source"] = "tests/scopes", ["ce_type"] = "tests.binary", ["ce_specversion"] = "1.0" },
        });
        await Eventually.TrueAsync(() => _received.GetValueOrDefault("all/topic1") == 4, () => "the binary event");
    }

    [Fact]
    public async Task Allowed_topics_are_the_only_ones_there_are()
    {
        await StartAsync(
            [
                ("plain", [("allowedTopics", "topic1,topic2")]),
                ("publishing", [("allowedTopics", "topic3,topic4"), ("publishingScopes", "app1=topic3;app2=topic4")]),
                ("both", [("allowedTopics", "topic7,topic8,topic9"), ("subscriptionScopes", "app1=topic7,topic9;app2=topic8,topic9"), ("publishingScopes", "app1=topic8,topic9;app2=topic7,topic9")]),
            ],
            [("plain", "topic0"), ("plain", "topic1"), ("publishing", "topic3"), ("publishing", "topic4"), ("both", "topic7"), ("both", "topic8"), ("both", "topic9")]);
        await ExpectAsync("plain", "topic0", "xxx");
        await ExpectAsync("plain", "topic1", "+++");
        await ExpectAsync("publishing", "topic3", "+x+");
        await ExpectAsync("publishing", "topic4", "x++");
        await ExpectAsync("both", "topic7", "x-+");
        await ExpectAsync("both", "topic8", "-x+");
        await ExpectAsync("both", "topic9", "+++");
    }

    [Fact]
    public async Task Protected_topics_are_open_only_to_scopes_that_name_them()
    {
        const string Topics = "topic7,topic8,topic9,topic10";
        await StartAsync(
            [
                ("plain", [("protectedTopics", "topic1,topic2")]),
                ("publishing", [("protectedTopics", "topic3,topic4"), ("publishingScopes", "app1=topic3;app2=topic4")]),
                ("both", [("protectedTopics", Topics), ("allowedTopics", Topics), ("subscriptionScopes", "app1=topic7,topic9;app2=topic8,topic9"), ("publishingScopes", "app1=topic8,topic9;app2=topic7,topic9")]),
            ],
            [("plain", "topic0"), ("plain", "topic1"), ("publishing", "topic3"), ("publishing", "topic4"), ("both", "topic7"), ("both", "topic8"), ("both", "topic9"), ("both", "topic10")]);
        await ExpectAsync("plain", "topic0", "+++");
        await ExpectAsync("plain", "topic1", "xxx");
        await ExpectAsync("publishing", "topic3", "-xx");
        await ExpectAsync("publishing", "topic4", "x-x");
        await ExpectAsync("both", "topic7", "x-x");
        await ExpectAsync("both", "topic8", "-xx");
        await ExpectAsync("both", "topic9", "++x");
        await ExpectAsync("both", "topic10", "xxx");
    }

    [Fact]
    public async Task A_consumer_id_that_names_the_namespace_does_not_hinder_bulk_publishing()
    {
        var bulk = new TaskCompletionSource<TopicEventBulkRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        _app.OnBulkTopicEvent = (request, _) =>
        {
            bulk.TrySetResult(request);
            return Task.FromResult(new TopicEventBulkResponse { Statuses = { request.Entries.Select(entry => new TopicEventBulkResponseEntry { EntryId = entry.EntryId, Status = TopicEventResponse.Types.TopicEventResponseStatus.Success }) } });
        };
        await _app.StartAsync();
        _sidecars["app1"] = await Daprd.StartAsync(new DaprdSetup
        {
            AppId = "app1",
            AppPort = _app.Port,
            AppProtocol = "grpc",
            Environment = new Dictionary<string, string> { ["NAMESPACE"] = "ns1" },
            Resources =
            [
                Manifests.Component("namespacedbulk", "pubsub.in-memory", ("consumerID", "{namespace}")),
                "apiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: { name: s }\nspec: { pubsubname: namespacedbulk, topic: topic0, route: /a, bulkSubscribe: { enabled: true } }\n",
            ],
        });
        var metadata = await _sidecars["app1"].Grpc.GetMetadataAsync(new GetMetadataRequest());
        Assert.Equal((1, 1), (metadata.RegisteredComponents.Count, metadata.Subscriptions.Count));
        var response = await _sidecars["app1"].Grpc.BulkPublishEventAsync(new BulkPublishRequest
        {
            PubsubName = "namespacedbulk",
            Topic = "topic0",
            Entries = { new BulkPublishRequestEntry { EntryId = "1", Event = ByteString.CopyFromUtf8("""{"id":1}"""), ContentType = "application/json" } },
        });
        Assert.Empty(response.FailedEntries);
        Assert.Single((await bulk.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System)).Entries);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daprd in _sidecars.Values)
            await daprd.DisposeAsync();
        await _app.DisposeAsync();
    }

    private async Task StartAsync((string Name, (string, string)[] Settings)[] components, (string PubSub, string Topic)[] subscriptions)
    {
        _app.OnTopicEvent = (request, _) =>
        {
            _received.AddOrUpdate($"{request.PubsubName}/{request.Topic}", 1, (_, count) => count + 1);
            return Task.FromResult(new TopicEventResponse());
        };
        await _app.StartAsync();
        var resources = components.Select(component => Manifests.Component(component.Name, "pubsub.in-memory", component.Settings))
            .Concat(subscriptions.Select((subscription, place) => $"apiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: {{ name: sub{place} }}\nspec: {{ pubsubname: {subscription.PubSub}, topic: {subscription.Topic}, route: /a }}\n"));
        foreach (var app in Apps)
            _sidecars[app] = await Daprd.LaunchAsync(new DaprdSetup { AppId = app, AppPort = _app.Port, AppProtocol = "grpc", Resources = [string.Join("\n---\n", resources)] });
        foreach (var daprd in _sidecars.Values)
        {
            await daprd.ReadyAsync();
            var metadata = await daprd.Grpc.GetMetadataAsync(new GetMetadataRequest());
            Assert.Equal((components.Length, subscriptions.Length), (metadata.RegisteredComponents.Count, metadata.Subscriptions.Count));
        }
    }

    /// <summary>For each app: + published and delivered, - published only, x refused.</summary>
    private async Task ExpectAsync(string pubsub, string topic, string outcomes)
    {
        var before = _received.GetValueOrDefault($"{pubsub}/{topic}");
        for (var i = 0; i < Apps.Length; i++)
        {
            var request = new PublishEventRequest { PubsubName = pubsub, Topic = topic, Data = ByteString.CopyFromUtf8("""{"status": "completed"}""") };
            if (outcomes[i] == 'x')
            {
                var (error, status) = await _sidecars[Apps[i]].Grpc.PublishEventAsync(request).FailsAsync();
                var text = $"topic {topic} is not allowed for app id {Apps[i]}";
                Assert.Equal((StatusCode.PermissionDenied, text, "DAPR_PUBSUB_FORBIDDEN"), (error.StatusCode, error.Status.Detail, status.Info().Reason));
                var answer = await _sidecars[Apps[i]].PostAsync($"/v1.0/publish/{pubsub}/{topic}", "x");
                Assert.Equal((HttpStatusCode.Forbidden, "ERR_PUBSUB_FORBIDDEN", text), (answer.Status, answer.Code, answer.Message));
            }
            else
            {
                await _sidecars[Apps[i]].Grpc.PublishEventAsync(request);
            }
        }

        // What must not arrive would have by then: the deliveries that must have come through the same app.
        await Eventually.TrueAsync(() => _received.GetValueOrDefault($"{pubsub}/{topic}") - before == outcomes.Count(c => c == '+'), () => $"{outcomes} deliveries of {pubsub}/{topic}; found {_received.GetValueOrDefault($"{pubsub}/{topic}") - before}");
    }
}
