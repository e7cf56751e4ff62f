using System.Globalization;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Call = Grpc.Core.AsyncDuplexStreamingCall<Dapr.Client.Autogen.Grpc.v1.SubscribeTopicEventsRequestAlpha1, Dapr.Client.Autogen.Grpc.v1.SubscribeTopicEventsResponseAlpha1>;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

public sealed class StreamTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Stream_gets_events_without_an_app_and_leaves_the_metadata_when_the_client_closes_it()
    {
        await using var daprd = await StartAsync();
        using var stream = await OpenAsync(daprd, "a");
        await ListedAsync(daprd, "STREAMING a /");

        await PublishAsync(daprd, "a", """{"status": "completed"}""", "application/json");
        var received = await NextAsync(stream);
        await AnswerAsync(stream, received, Status.Success);

        Assert.Equal(("a", "mypub", "/"), (received.Topic, received.PubsubName, received.Path));
        Assert.Equal("""{"status": "completed"}""", received.Data.ToStringUtf8());
        await stream.RequestStream.CompleteAsync();
        await ListedAsync(daprd);
    }

    [Fact]
    public async Task Each_of_a_bulk_of_published_events_arrives_by_itself()
    {
        await using var daprd = await StartAsync();
        using var stream = await OpenAsync(daprd, "a");
        var request = new BulkPublishRequest { PubsubName = "mypub", Topic = "a" };
        for (var i = 1; i <= 4; i++)
            request.Entries.Add(new BulkPublishRequestEntry { EntryId = $"{i}", Event = ByteString.CopyFromUtf8($$"""{"id": {{i}}}"""), ContentType = "application/json" });

        var publishing = daprd.Grpc.BulkPublishEventAsync(request).ResponseAsync;
        for (var i = 1; i <= 4; i++)
        {
            var received = await NextAsync(stream);
            Assert.Contains($"{i}", received.Data.ToStringUtf8(), StringComparison.Ordinal);
            await AnswerAsync(stream, received, Status.Success);
        }

        Assert.Empty((await publishing).FailedEntries);
    }

    [Fact]
    public async Task Acknowledged_events_arrive_in_the_order_they_were_published()
    {
        const int Count = 1000;
        await using var daprd = await StartAsync();
        using var stream = await OpenAsync(daprd, "ordered");
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
                await PublishAsync(daprd, "ordered", $"{i}", "text/plain");
        });

        for (var i = 0; i < Count; i++)
        {
            var received = await NextAsync(stream);
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), received.Data.ToStringUtf8());
            await AnswerAsync(stream, received, Status.Success);
        }

        await publishing.WaitAsync(Limit, TimeProvider.System);
    }

    [Fact]
    public async Task Every_stream_of_a_topic_gets_every_event()
    {
        const int Count = 100;
        await using var daprd = await StartAsync();
        var streams = new List<Call>();
        for (var i = 0; i < 3; i++)
            streams.Add(await OpenAsync(daprd, "new"));
        await ListedAsync(daprd, "STREAMING new /", "STREAMING new /", "STREAMING new /");

        var readers = streams.Select(async stream =>
        {
            for (var i = 0; i < Count; i++)
                await AnswerAsync(stream, await NextAsync(stream), Status.Success);
        }).ToList();
        for (var i = 0; i < Count; i++)
            await PublishAsync(daprd, "new", "x", "text/plain");

        await Task.WhenAll(readers).WaitAsync(Limit, TimeProvider.System);
        foreach (var stream in streams)
            stream.Dispose();
    }

    [Fact]
    public async Task Event_without_an_answer_holds_up_its_own_stream_only()
    {
        await using var daprd = await StartAsync();
        using var silent = await OpenAsync(daprd, "a");
        using var other = await OpenAsync(daprd, "b");
        await PublishAsync(daprd, "a", "1", "text/plain");
        var first = await NextAsync(silent);
        var second = PublishAsync(daprd, "a", "2", "text/plain");

        for (var i = 0; i < 3; i++)
        {
            await PublishAsync(daprd, "b", $"{i}", "text/plain");
            await AnswerAsync(other, await NextAsync(other), Status.Success);
        }

        await AnswerAsync(silent, first, Status.Success);
        Assert.Equal("2", (await NextAsync(silent)).Data.ToStringUtf8());
        await second;
    }

    [Fact]
    public async Task Stream_comes_beside_what_is_declared_and_asked_for()
    {
        await using var app = await Subscriber.StartAsync("grpc", [new Wanted("a", "/123")]);
        await using var test = await SubscriptionCase.StartAsync(app, new DaprdSetup { Resources = [Manifests.InMemoryPubSub("mypub"), new Wanted("b", "/zyx").Resource("v1alpha1", "sub")] });
        var daprd = test.Daprd;
        using (var stream = await OpenAsync(daprd, "a"))
        {
            Assert.Equal(["DECLARATIVE b /zyx", "PROGRAMMATIC a /123", "STREAMING a /"], await test.ListedAsync());
            await PublishAsync(daprd, "a", "x", "text/plain");
            await AnswerAsync(stream, await NextAsync(stream), Status.Success);
            Assert.Equal("/123", (await app.NextAsync()).Path);
            await stream.RequestStream.CompleteAsync();
        }

        await ListedAsync(daprd, "DECLARATIVE b /zyx", "PROGRAMMATIC a /123");
        await PublishAsync(daprd, "a", "y", "text/plain");
        Assert.Equal("y", (await app.NextAsync()).Text);
    }

    [Fact]
    public async Task Stream_works_while_the_app_is_unhealthy()
    {
        await using var app = await Subscriber.StartAsync("http", healthy: false);
        await using var test = await SubscriptionCase.StartAsync(
            app, new DaprdSetup { AppHealthCheck = true, AppHealthProbeInterval = 1, AppHealthThreshold = 1, Resources = [Manifests.InMemoryPubSub("mypub")] });
        using var stream = await OpenAsync(test.Daprd, "a");

        await PublishAsync(test.Daprd, "a", "x", "text/plain");

        Assert.Equal("x", (await NextAsync(stream)).Data.ToStringUtf8());
    }

    [Fact]
    public async Task Dropped_event_is_a_dead_letter_of_the_stream()
    {
        await using var daprd = await StartAsync();
        using var dead = await OpenAsync(daprd, "mydead");
        using var stream = daprd.Grpc.SubscribeTopicEventsAlpha1();
        await stream.RequestStream.WriteAsync(Initial("mypub", "a", "mydead"));
        await stream.ResponseStream.MoveNext(default);

        await PublishAsync(daprd, "a", "x", "text/plain");
        var received = await NextAsync(stream);
        await AnswerAsync(stream, received, Status.Drop);

        Assert.Equal(received.Id, (await NextAsync(dead)).Id);
    }

    [Theory]
    [InlineData("", "a", "pubsubName is required")]
    [InlineData("mypub", "", "topic is required")]
    public async Task Stream_without_component_or_topic_is_refused(string pubsub, string topic, string text)
    {
        await using var daprd = await StartAsync();
        var error = await FailsAsync(daprd, Initial(pubsub, topic));
        Assert.Contains(text, error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_of_an_unknown_component_is_refused_with_daprs_details()
    {
        await using var daprd = await StartAsync();

        var error = await FailsAsync(daprd, Initial("notexist", "b"));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Equal("pubsub notexist is not found", error.Status.Detail);
        var details = Google.Rpc.Status.Parser.ParseFrom(error.Trailers.GetValueBytes("grpc-status-details-bin")!).Details;
        var info = Assert.Single(details).Unpack<ErrorInfo>();
        Assert.Equal(("DAPR_PUBSUB_NOT_FOUND", "dapr.io"), (info.Reason, info.Domain));
    }

    [Fact]
    public async Task Second_initial_request_ends_the_stream()
    {
        await using var daprd = await StartAsync();
        using var stream = await OpenAsync(daprd, "b");

        await stream.RequestStream.WriteAsync(Initial("mypub", "b"));

        var error = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(default).WaitAsync(Limit, TimeProvider.System));
        Assert.Contains("duplicate initial request received", error.Status.Detail, StringComparison.Ordinal);
        await ListedAsync(daprd);
    }

    [Fact]
    public async Task Open_streams_and_one_without_a_request_do_not_hold_up_the_end()
    {
        await using var daprd = await StartAsync();
        using var open = await OpenAsync(daprd, "a");
        using var mute = daprd.Grpc.SubscribeTopicEventsAlpha1();
        await mute.ResponseHeadersAsync.WaitAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System).ContinueWith(_ => { }, TaskScheduler.Default);
        using var closed = daprd.Grpc.SubscribeTopicEventsAlpha1();
        await closed.RequestStream.CompleteAsync();

        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Stream_stays_open_while_files_of_subscriptions_come_and_change()
    {
        using var folder = new TempFolder();
        await using var app = await TestApp.StartAsync("[]");
        folder.Write("pubsub.yaml", Manifests.InMemoryPubSub("mypub"));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Flags = [folder.Flag] });
        folder.Write("sub.yaml", Declared("sub", "a"));
        await HasAsync("DECLARATIVE a /a");
        using var stream = await OpenAsync(daprd, "b");
        await HasAsync("DECLARATIVE a /a", "STREAMING b /");

        await ArrivesAsync();
        folder.Write("sub.yaml", Declared("sub", "a") + "\n---\n" + Declared("sub2", "c"));
        await HasAsync("DECLARATIVE a /a", "DECLARATIVE c /c", "STREAMING b /");
        await ArrivesAsync();

        async Task ArrivesAsync()
        {
            await PublishAsync(daprd, "a", "1", "application/json");
            Assert.Equal("/a", (await app.NextAsync()).Path);
            await PublishAsync(daprd, "b", "1", "application/json");
            var received = await NextAsync(stream);
            Assert.Equal("b", received.Topic);
            await AnswerAsync(stream, received, Status.Success);
        }

        Task HasAsync(params string[] expected) => Eventually.TrueAsync(
            async () => (await SubscriptionCase.ListedAsync(daprd)).Order(StringComparer.Ordinal).SequenceEqual(expected), () => $"subscriptions {string.Join("; ", expected)}");

        static string Declared(string name, string topic) =>
            $"apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: {{name: {name}}}\nspec: {{pubsubname: mypub, topic: {topic}, routes: {{default: /{topic}}}}}\n";
    }

    private static Task<Daprd> StartAsync() => Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryPubSub("mypub")] });

    private static SubscribeTopicEventsRequestAlpha1 Initial(string pubsub, string topic, string? deadLetterTopic = null)
    {
        var initial = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = pubsub, Topic = topic };
        if (deadLetterTopic is not null)
            initial.DeadLetterTopic = deadLetterTopic;
        return new SubscribeTopicEventsRequestAlpha1 { InitialRequest = initial };
    }

    private static async Task<Call> OpenAsync(Daprd daprd, string topic)
    {
        var stream = daprd.Grpc.SubscribeTopicEventsAlpha1();
        await stream.RequestStream.WriteAsync(Initial("mypub", topic));
        Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(Limit, TimeProvider.System));
        Assert.NotNull(stream.ResponseStream.Current.InitialResponse);
        return stream;
    }

    private static async Task<RpcException> FailsAsync(Daprd daprd, SubscribeTopicEventsRequestAlpha1 request)
    {
        using var stream = daprd.Grpc.SubscribeTopicEventsAlpha1();
        await stream.RequestStream.WriteAsync(request);
        return await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(default).WaitAsync(Limit, TimeProvider.System));
    }

    private static async Task<TopicEventRequest> NextAsync(Call stream)
    {
        Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(Limit, TimeProvider.System));
        return stream.ResponseStream.Current.EventMessage;
    }

    private static Task AnswerAsync(Call stream, TopicEventRequest received, Status status) => stream.RequestStream.WriteAsync(new SubscribeTopicEventsRequestAlpha1
    {
        EventProcessed = new SubscribeTopicEventsRequestProcessedAlpha1 { Id = received.Id, Status = new TopicEventResponse { Status = status } },
    });

    private static async Task PublishAsync(Daprd daprd, string topic, string data, string type) =>
        await daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "mypub", Topic = topic, Data = ByteString.CopyFromUtf8(data), DataContentType = type });

    private static Task ListedAsync(Daprd daprd, params string[] expected) =>
        Eventually.TrueAsync(async () => (await SubscriptionCase.ListedAsync(daprd)).SequenceEqual(expected), () => $"subscriptions {string.Join("; ", expected)}");
}
