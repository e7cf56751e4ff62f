using System.Text.Json;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

public sealed class DeliveryTests
{
    [Theory]
    [MemberData(nameof(SubscriptionCase.All), MemberType = typeof(SubscriptionCase))]
    public async Task Event_arrives_as_a_cloud_event_with_its_data_by_content_type(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(way, protocol, new Wanted("a", "/a"));
        foreach (var (data, type, expectedType) in ((string, string?, string)[])
        [
            ("""{"status": "completed"}""", null, "text/plain"),
            ("""{"status": "completed"}""", "application/json", "application/json"),
            ("""{"status": "completed"}""", "foo/bar", "foo/bar"),
            ("foo", null, "text/plain"),
        ])
        {
            await test.PublishAsync("a", data, type, "?metadata.foo=bar");

            var received = await test.App.NextAsync();
            Assert.Equal("/a", received.Path);
            Assert.Equal("a", received.Topic);
            Assert.Equal("mypub", received.PubSub);
            Assert.Equal("1.0", received.SpecVersion);
            Assert.Equal("com.dapr.event.sent", received.Type);
            Assert.Equal(test.Daprd.AppId, received.Source);
            Assert.Equal(expectedType, received.ContentType);
            Assert.Equal("bar", received.Headers["foo"]);
            // Of a type that is neither text nor JSON a gRPC app gets no data.
            Assert.Equal(protocol == "grpc" && type == "foo/bar" ? "" : data.Replace(" ", ""), received.Text.Replace(" ", ""));
        }
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.All), MemberType = typeof(SubscriptionCase))]
    public async Task Raw_subscription_gets_the_published_bytes_in_an_envelope_of_its_own(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(way, protocol, new Wanted("a", "/a") { Raw = true });
        foreach (var (data, type, expectedData) in ((string, string?, string)[])
        [
            ("""{"status":"completed"}""", "application/json", """{"status":"completed"}"""),
            ("""{"status":"completed"}""", "foo/bar", "\"{\\\"status\\\":\\\"completed\\\"}\""),
            ("foo", null, "\"foo\""),
        ])
        {
            await test.PublishAsync("a", data, type);

            var received = await test.App.NextAsync();
            Assert.Equal("/a", received.Path);
            Assert.Equal("a", received.Topic);
            Assert.Equal("mypub", received.PubSub);
            Assert.Equal("1.0", received.SpecVersion);
            Assert.Equal("com.dapr.event.sent", received.Type);
            Assert.Equal("Dapr", received.Source);
            Assert.Equal("application/octet-stream", received.ContentType);
            var inner = JsonDocument.Parse(received.Data).RootElement;
            Assert.NotEqual(received.Id, inner.GetProperty("id").GetString());
            Assert.Equal(test.Daprd.AppId, inner.GetProperty("source").GetString());
            Assert.Equal(type ?? "text/plain", inner.GetProperty("datacontenttype").GetString());
            Assert.Equal(JsonDocument.Parse(expectedData).RootElement.ToString(), inner.GetProperty("data").ToString());
        }
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.All), MemberType = typeof(SubscriptionCase))]
    public async Task Bulk_subscription_gets_bulks_and_another_single_events(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(way, protocol, new Wanted("a", "/a") { BulkWaitMs = 40 }, new Wanted("b", "/b"));

        await test.PublishBulkAsync("a", 4);
        for (var i = 1; i <= 4; i++)
        {
            var entry = Assert.Single(await test.App.NextBulkAsync());
            Assert.Equal($$"""{"id":{{i}}}""", entry.Text.Replace(" ", ""));
            Assert.Equal("/a", entry.Path);
            Assert.Equal("application/json", entry.ContentType);
            Assert.Equal("a", entry.Topic);
        }

        await test.PublishBulkAsync("b", 4);
        for (var i = 1; i <= 4; i++)
            Assert.Equal($$"""{"id":{{i}}}""", (await test.App.NextAsync()).Text.Replace(" ", ""));
        Assert.Equal(0, test.App.WaitingBulks);
        Assert.Equal(0, test.App.Waiting);
        Assert.Equal(
            way == "programmatic" ? ["PROGRAMMATIC a /a", "PROGRAMMATIC b /b"] : ["DECLARATIVE a /a", "DECLARATIVE b /b"],
            await test.ListedAsync());
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.All), MemberType = typeof(SubscriptionCase))]
    public async Task Subscription_to_an_unknown_component_is_listed_and_the_others_work(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(way, protocol, new Wanted("a", "/a") { PubSub = "anotherpub" }, new Wanted("c", "/c"));

        Assert.Equal(2, (await test.ListedAsync()).Count);
        Assert.Single((await test.Daprd.MetadataAsync()).GetProperty("components").EnumerateArray());
        using var refused = await SubscriptionCase.TryPublishAsync(test.Daprd, "a", "x", pubsub: "anotherpub");
        Assert.Equal(404, (int)refused.StatusCode);
        await test.PublishUnheardAsync("b", "c");
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.All), MemberType = typeof(SubscriptionCase))]
    public async Task Event_the_app_fails_on_goes_to_the_dead_letter_topic_as_it_was(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(
            way, protocol, new Wanted("a", "/a") { DeadLetterTopic = "mydead" }, new Wanted("mydead", "/b") { DeadLetterTopic = "mydead" });
        test.App.Answer = received => Task.FromResult(received.Path == "/a" ? Reply.Fail : Reply.Success);

        await test.PublishAsync("a", """{"status": "completed"}""", "application/json");

        var failed = await test.App.NextAsync();
        var dead = await test.App.NextAsync();
        Assert.Equal("/a", failed.Path);
        Assert.Equal("/b", dead.Path);
        Assert.Equal(failed.Id, dead.Id);
        Assert.Equal("""{"status": "completed"}""", dead.Text);
        // The event is the original one; gRPC tells the topic it now came from.
        Assert.Equal(protocol == "grpc" ? "mydead" : "a", dead.Topic);
        Assert.Equal(0, test.App.Waiting);
    }

    [Theory]
    [InlineData("http", Reply.Missing, true)]
    [InlineData("http", Reply.Drop, true)]
    [InlineData("http", Reply.Retry, true)]
    [InlineData("grpc", Reply.Missing, false)]
    [InlineData("grpc", Reply.Drop, true)]
    [InlineData("grpc", Reply.Retry, true)]
    public async Task What_the_app_does_not_take_becomes_a_dead_letter_unless_it_implements_nothing(string protocol, Reply reply, bool dead)
    {
        await using var test = await SubscriptionCase.StartAsync("v2alpha1", protocol, new Wanted("a", "/a") { DeadLetterTopic = "mydead" }, new Wanted("mydead", "/dead"), new Wanted("z", "/z"));
        test.App.Answer = received => Task.FromResult(received.Path == "/a" ? reply : Reply.Success);

        await test.PublishAsync("a", "x");
        Assert.Equal("/a", (await test.App.NextAsync()).Path);
        if (dead)
            Assert.Equal("/dead", (await test.App.NextAsync()).Path);
        // The next publish to the topic waits for the end of the delivery before.
        test.App.Answer = _ => Task.FromResult(Reply.Success);
        await test.PublishAsync("a", "y");
        Assert.Equal("y", (await test.App.NextAsync()).Text);
        Assert.Equal(0, test.App.Waiting);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Event_without_a_route_or_past_its_time_becomes_a_dead_letter(string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(
            "v2alpha1",
            protocol,
            new Wanted("a") { Rules = [("/never", "event.type == 'none'")], DeadLetterTopic = "mydead" },
            new Wanted("late", "/late") { DeadLetterTopic = "latedead" },
            new Wanted("mydead", "/dead"),
            // Raw: as a CloudEvent it would be past its time here too.
            new Wanted("latedead", "/latedead") { Raw = true });

        await test.PublishAsync("a", "no route");
        var unrouted = await test.App.NextAsync();
        await test.PublishAsync("late", """{"id":"1","specversion":"1.0","source":"s","type":"t","data":"late","datacontenttype":"text/plain","expiration":"2020-01-01T00:00:00Z"}""", "application/cloudevents+json");
        var expired = await test.App.NextAsync();

        Assert.Equal(("/dead", "no route"), (unrouted.Path, unrouted.Text));
        Assert.Equal("/latedead", expired.Path);
        Assert.Equal("late", JsonDocument.Parse(expired.Data).RootElement.GetProperty("data").GetString());
        Assert.Equal(0, test.App.Waiting);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Value_that_is_no_cloud_event_becomes_a_dead_letter(string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync("v2alpha1", protocol, new Wanted("a", "/a") { DeadLetterTopic = "mydead" }, new Wanted("mydead", "/dead") { Raw = true });

        await test.PublishAsync("a", "no event", query: "?metadata.rawPayload=true");

        var dead = await test.App.NextAsync();
        Assert.Equal(("/dead", "no event"), (dead.Path, dead.Text));
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Binary_data_arrives_as_it_was(string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync("v1alpha1", protocol, new Wanted("a", "/a"));
        byte[] data = [0xde, 0xad, 0xbe, 0xef];

        await test.Daprd.Grpc.PublishEventAsync(new Dapr.Client.Autogen.Grpc.v1.PublishEventRequest
        {
            PubsubName = "mypub",
            Topic = "a",
            Data = Google.Protobuf.ByteString.CopyFrom(data),
            DataContentType = "application/octet-stream",
            Metadata = { ["ce_id"] = "aquadag-543", ["ce_source"] = "tests/scopes", ["ce_type"] = "tests.binary", ["ce_specversion"] = "1.0" },
        });

        Assert.Equal(data, (await test.App.NextAsync()).Data);
    }
}
