using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

public sealed class AppTests
{
    private const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02";
    private const string NoTrace = "00-00000000000000000000000000000000-0000000000000000-00";

    [Fact]
    public async Task Without_an_app_the_subscription_is_listed_and_publishing_works()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryPubSub("mypub"), new Wanted("a", "/a").Resource("v2alpha1", "mysub")] });

        Assert.Equal(["DECLARATIVE a /a"], await SubscriptionCase.ListedAsync(daprd));
        await SubscriptionCase.PublishAsync(daprd, "a", "x");
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task App_is_asked_once_and_only_when_it_is_healthy(string protocol)
    {
        await using var app = await Subscriber.StartAsync(protocol, [new Wanted("b", "/b")], healthy: false);
        await using var test = await SubscriptionCase.StartAsync(app, WithHealth(new Wanted("a", "/a").Resource("v2alpha1", "mysub")));

        await Eventually.TrueAsync(() => app.Probes > 0, () => "a health probe");
        Assert.Equal(["DECLARATIVE a /a"], await test.ListedAsync());
        await test.PublishAsync("a", "to nobody");
        Assert.Equal((0, 0, 0), (app.Asked, app.Configured, app.Waiting));

        app.IsHealthy = true;
        await Eventually.TrueAsync(async () => (await test.ListedAsync()).Count == 2, () => "the app's subscription in the metadata");
        await test.PublishAsync("b", "x");
        Assert.Equal("/b", (await app.NextAsync()).Path);

        var probes = app.Probes;
        await Eventually.TrueAsync(() => app.Probes > probes, () => "another health probe");
        Assert.Equal((1, protocol == "http" ? 1 : 0), (app.Asked, app.Configured));
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Deliveries_stop_while_the_app_is_unhealthy_and_publishing_goes_on(string protocol)
    {
        await using var app = await Subscriber.StartAsync(protocol, [new Wanted("a", "/a")]);
        await using var test = await SubscriptionCase.StartAsync(app, WithHealth());
        await HeardAsync("before");

        app.IsHealthy = false;
        await test.Daprd.LoggedAsync("App entered un-healthy status");
        var probes = app.Probes;
        await Eventually.TrueAsync(() => app.Probes > probes, () => "another health probe");
        await test.PublishAsync("a", "unheard");

        app.IsHealthy = true;
        await HeardAsync("after");
        Assert.Equal(1, app.Asked);

        async Task HeardAsync(string text)
        {
            // In-memory keeps nothing: until the subscription is there, a publish reaches nobody.
            await Eventually.TrueAsync(
                async () =>
                {
                    await test.PublishAsync("a", text);
                    return app.Waiting > 0;
                },
                () => $"'{text}' delivered");
            while (app.TryNext(out var received))
                Assert.NotEqual("unheard", received!.Text);
        }
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Disabled_init_endpoint_is_not_asked(string protocol)
    {
        await using var app = await Subscriber.StartAsync(protocol, [new Wanted("a", "/a")]);
        await using var test = await SubscriptionCase.StartAsync(app, new DaprdSetup { Resources = [Manifests.InMemoryPubSub("mypub")], Flags = ["--disable-init-endpoints=subscribe,config"] });

        await test.Daprd.LoggedAsync("Skipping programmatic subscription loading");
        await test.Daprd.LoggedAsync("Skipping programmatic dapr configuration loading");
        await test.PublishAsync("a", "x");
        Assert.Equal((0, 0, 0), (app.Asked, app.Configured, app.Waiting));
        Assert.Empty(await test.ListedAsync());
    }

    [Fact]
    public async Task App_that_comes_after_the_sidecar_is_asked_by_its_id()
    {
        var port = FreePorts.Next();
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { AppPort = port, Resources = [Manifests.InMemoryPubSub("mypub")] });
        await using var app = await Subscriber.StartAsync("http", [new Wanted("a", "/a")], port: port);
        await daprd.ReadyAsync();

        Assert.Equal(daprd.AppId, app.AskedBy);
        Assert.Equal((1, 1), (app.Asked, app.Configured));
        await SubscriptionCase.PublishAsync(daprd, "a", "x");
        Assert.Equal("/a", (await app.NextAsync()).Path);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task App_that_was_restarted_gets_events_again(string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync("programmatic", protocol, new Wanted("a", "/a"));
        var port = test.App.Port;
        await test.App.StopAsync();
        await test.PublishAsync("a", "to nobody");
        await test.App.StartAsync(port);

        await Eventually.TrueAsync(
            async () =>
            {
                await test.PublishAsync("a", "x");
                return test.App.Waiting > 0;
            },
            () => "a delivery after the restart");
        Assert.Equal("/a", (await test.App.NextAsync()).Path);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Deliveries_carry_the_apps_token(string protocol)
    {
        await using var app = await Subscriber.StartAsync(protocol, [new Wanted("a", "/a")]);
        await using var test = await SubscriptionCase.StartAsync(app, new DaprdSetup
        {
            Resources = [Manifests.InMemoryPubSub("mypub")],
            Environment = new Dictionary<string, string> { ["APP_API_TOKEN"] = "test-app-token" },
        });

        await test.PublishAsync("a", "x");

        Assert.Equal("test-app-token", (await app.NextAsync()).Headers["dapr-api-token"]);
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("grpc", false)]
    [InlineData("http", true)]
    [InlineData("grpc", true)]
    public async Task Trace_context_reaches_the_app_unchanged(string protocol, bool raw)
    {
        await using var test = await SubscriptionCase.StartAsync("programmatic", protocol, new Wanted("a", "/a") { Raw = raw });
        var request = new PublishEventRequest { PubsubName = "mypub", Topic = "a", Data = ByteString.CopyFromUtf8("{}"), DataContentType = "application/json" };
        if (raw)
            request.Metadata["rawPayload"] = "true";

        await test.Daprd.Grpc.PublishEventAsync(request, new RpcMetadata { { "traceparent", Trace } });
        var traced = await test.App.NextAsync();
        await test.Daprd.Grpc.PublishEventAsync(request);
        var untraced = await test.App.NextAsync();

        Assert.Equal(Trace, traced.Headers["traceparent"]);
        if (protocol == "grpc")
            Assert.Equal("00" + "00" + "4BF92F3577B34DA6A3CE929D0E0E4736" + "01" + "00F067AA0BA902B7" + "02" + "02", traced.Headers["grpc-trace-bin"]);
        if (protocol == "http" || !raw)
            Assert.Equal(NoTrace, untraced.Headers["traceparent"]);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Trace_fields_that_are_no_text_do_no_harm(string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync("programmatic", protocol, new Wanted("a", "/a"));
        foreach (var field in (string[])["\"traceid\":12345", "\"traceparent\":12345", "\"traceparent\":{\"x\":1}", "\"traceid\":true"])
        {
            await test.PublishAsync("a", $$"""{"specversion":"1.0","id":"a","source":"b","type":"c","datacontenttype":"text/plain","data":"hello",{{field}}}""", "application/cloudevents+json");
            Assert.Equal("hello", (await test.App.NextAsync()).Text);
            using var health = await test.Daprd.Http.GetAsync("/v1.0/healthz");
            Assert.Equal(HttpStatusCode.NoContent, health.StatusCode);
        }
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("grpc", false)]
    [InlineData("http", true)]
    [InlineData("grpc", true)]
    public async Task Metadata_that_would_break_the_request_stays_out_of_its_headers(string protocol, bool bulk)
    {
        await using var test = await SubscriptionCase.StartAsync("programmatic", protocol, new Wanted("a", "/a") { BulkWaitMs = bulk ? 10 : null });

        await test.PublishAsync("a", "hello", query: "?metadata.content-length=123&metadata.host=elsewhere&metadata.transfer-encoding=chunked&metadata.x-mine=1");

        var received = bulk ? Assert.Single(await test.App.NextBulkAsync()) : await test.App.NextAsync();
        Assert.Equal("hello", received.Text);
        Assert.NotEqual("123", received.Headers.GetValueOrDefault("content-length"));
        Assert.NotEqual("elsewhere", received.Headers.GetValueOrDefault("host"));
        if (!bulk)
            Assert.Equal("1", received.Headers["x-mine"]);
        Assert.Equal("mypub", received.Headers["pubsubname"]);
    }

    private static DaprdSetup WithHealth(params string[] resources) => new()
    {
        AppHealthCheck = true,
        AppHealthProbeInterval = 1,
        AppHealthThreshold = 1,
        Resources = [Manifests.InMemoryPubSub("mypub"), .. resources],
    };
}
