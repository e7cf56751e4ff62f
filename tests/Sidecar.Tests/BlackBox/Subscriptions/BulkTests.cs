using System.Diagnostics;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

public sealed class BulkTests
{
    [Fact]
    public async Task Bulk_waits_its_time_from_the_first_event_and_is_not_flushed_on_arrival()
    {
        const int WaitMs = 500;
        await using var test = await SubscriptionCase.StartAsync("v2alpha1", "http", new Wanted("a", "/a") { BulkWaitMs = WaitMs });
        var clock = Stopwatch.StartNew();
        var times = new List<double>();

        var publishes = new[] { test.PublishAsync("a", "1"), test.PublishAsync("a", "2") };
        for (var i = 0; i < 2; i++)
        {
            Assert.Single(await test.App.NextBulkAsync());
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        await Task.WhenAll(publishes);
        // From the publish on: what the test notices late on a slow machine takes nothing from the second wait.
        Assert.InRange(times[0], WaitMs * 0.7, double.MaxValue);
        Assert.InRange(times[1], WaitMs * 1.7, double.MaxValue);
    }

    [Fact]
    public async Task Grpc_app_without_the_stable_bulk_method_gets_the_older_one()
    {
        await using var app = new GrpcSubscriber { Asks = [new Wanted("a", "/a") { BulkWaitMs = 10 }] };
        app.App.OnBulkTopicEventAlpha1 = app.App.OnBulkTopicEvent;
        app.App.OnBulkTopicEvent = null;
        await app.StartAsync(0);
        await using var test = await SubscriptionCase.StartAsync(app, new DaprdSetup { Resources = [Manifests.InMemoryPubSub("mypub")] });

        await test.PublishAsync("a", "x");

        Assert.Equal("x", Assert.Single(await app.NextBulkAsync()).Text);
        await test.Daprd.LoggedAsync("falling back to OnBulkTopicEventAlpha1");
    }

    [Theory]
    [InlineData("http", Reply.Drop, true)]
    [InlineData("grpc", Reply.Drop, true)]
    [InlineData("http", Reply.Retry, true)]
    [InlineData("grpc", Reply.Retry, true)]
    [InlineData("http", Reply.Fail, true)]
    [InlineData("grpc", Reply.Fail, true)]
    [InlineData("http", Reply.Missing, false)]
    [InlineData("grpc", Reply.Missing, false)]
    public async Task Entry_the_app_does_not_take_becomes_a_dead_letter_unless_it_implements_nothing(string protocol, Reply reply, bool dead)
    {
        await using var test = await SubscriptionCase.StartAsync("v2alpha1", protocol, new Wanted("a", "/a") { BulkWaitMs = 10, DeadLetterTopic = "mydead" }, new Wanted("mydead", "/dead"));
        test.App.Answer = received => Task.FromResult(received.Path == "/a" ? reply : Reply.Success);

        await test.PublishAsync("a", "x");
        await test.App.NextBulkAsync();
        if (dead)
            Assert.Equal(("/dead", "x"), await test.App.NextAsync() is var letter ? (letter.Path, letter.Text) : default);
        await test.PublishAsync("a", "y");
        await test.App.NextBulkAsync();
        Assert.Equal(dead ? 1 : 0, dead ? await CountAsync(test) : test.App.Waiting);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Raw_bulk_entries_are_the_published_bytes(string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync("programmatic", protocol, new Wanted("a", "/a") { BulkWaitMs = 10, Raw = true });

        await test.PublishAsync("a", "raw value", query: "?metadata.rawPayload=true");

        var entry = Assert.Single(await test.App.NextBulkAsync());
        Assert.Equal("raw value", entry.Text);
        Assert.Equal("application/octet-stream", entry.ContentType);
        Assert.Equal("/a", entry.Path);
    }

    private static async Task<int> CountAsync(SubscriptionCase test)
    {
        await test.App.NextAsync();
        return test.App.Waiting + 1;
    }
}
