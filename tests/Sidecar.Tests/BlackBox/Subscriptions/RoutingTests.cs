namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

public sealed class RoutingTests
{
    private const string Sent = "event.type == \"com.dapr.event.sent\"";

    [Theory]
    [MemberData(nameof(SubscriptionCase.All), MemberType = typeof(SubscriptionCase))]
    public async Task Of_two_subscriptions_for_a_topic_the_first_document_or_the_last_entry_wins(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(
            way, protocol, new Wanted("a", "/a/b/c/d"), new Wanted("a", "/a"), new Wanted("b", "/b"), new Wanted("b", "/d/c/b/a"));

        var paths = new List<string>();
        foreach (var topic in (string[])["a", "b"])
        {
            await test.PublishAsync(topic);
            var received = await test.App.NextAsync();
            Assert.Empty(received.Data);
            paths.Add(received.Path);
        }

        Assert.Equal(way == "programmatic" ? ["/a", "/d/c/b/a"] : ["/a/b/c/d", "/b"], paths);
        Assert.Equal(2, (await test.ListedAsync()).Count);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.WithRules), MemberType = typeof(SubscriptionCase))]
    public async Task Rule_with_an_empty_match_takes_every_event_before_the_default_does(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(
            way,
            protocol,
            new Wanted("justpath") { Rules = [("/justpath", "")] },
            new Wanted("nomatch") { Rules = [("/nomatch", null)] },
            new Wanted("defaultandpath", "/abc") { Rules = [("/123", "")] },
            new Wanted("multipaths") { Rules = [("/xyz", ""), ("/456", ""), ("/789", "")] },
            new Wanted("defaultandpaths", "/def") { Rules = [("/zyz", ""), ("/aaa", ""), ("/bbb", "")] });

        foreach (var (topic, path) in ((string, string)[])[("justpath", "/justpath"), ("nomatch", "/nomatch"), ("defaultandpath", "/123"), ("multipaths", "/xyz"), ("defaultandpaths", "/zyz")])
        {
            await test.PublishAsync(topic);
            Assert.Equal(path, (await test.App.NextAsync()).Path);
        }
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.WithRules), MemberType = typeof(SubscriptionCase))]
    public async Task First_rule_that_matches_wins_and_none_means_that_the_event_is_gone(string way, string protocol)
    {
        await using var test = await SubscriptionCase.StartAsync(
            way,
            protocol,
            new Wanted("type", "/aaa") { Rules = [("/type", Sent), ("/foo", ""), ("/bar", "event.type == \"com.dapr.event.recv\"")] },
            new Wanted("order1", "/aaa") { Rules = [("/type", Sent), ("/topic", "event.topic == \"order1\"")] },
            new Wanted("order2", "/aaa") { Rules = [("/topic", "event.topic == \"order2\""), ("/type", Sent)] },
            new Wanted("order3", "/aaa") { Rules = [("/123", "event.topic == \"order3\""), ("/456", "event.topic == \"order3\"")] },
            new Wanted("order4") { Rules = [("/123", "event.topic == \"order5\""), ("/456", "event.topic == \"order6\"")] },
            new Wanted("order7", "/order7def") { Rules = [("/order7rule", "")] });

        foreach (var (topic, path) in ((string, string)[])[("type", "/type"), ("order1", "/type"), ("order2", "/topic"), ("order3", "/123"), ("order7", "/order7rule")])
        {
            await test.PublishAsync(topic);
            Assert.Equal(path, (await test.App.NextAsync()).Path);
        }

        await test.PublishUnheardAsync("order4", "type");
        var rules = (await test.Daprd.MetadataAsync()).GetProperty("subscriptions")[1].GetProperty("rules");
        Assert.Equal(Sent, rules[0].GetProperty("match").GetString());
        Assert.False(rules[2].TryGetProperty("match", out _));
    }

    [Fact]
    public async Task Programmatic_routes_go_before_the_single_route_of_an_entry_and_later_entries_before_earlier_ones()
    {
        await using var test = await SubscriptionCase.StartAsync(
            "programmatic",
            "http",
            new Wanted("both", "/default") { Route = "/route" },
            new Wanted("ruled") { Route = "/route", Rules = [("/rule", "event.topic == 'ruled'")] },
            new Wanted("empty") { Route = "/route", Rules = [("/rule", "")] },
            new Wanted("fallback") { Route = "/route", Rules = [("/rule", "event.topic == 'other'")] },
            new Wanted("later") { Route = "/123" },
            new Wanted("later", "/456"),
            new Wanted("latest", "/xyz"),
            new Wanted("latest") { Route = "/zyx" },
            new Wanted("none"));

        foreach (var (topic, path) in ((string, string)[])[("both", "/default"), ("ruled", "/rule"), ("empty", "/rule"), ("fallback", "/route"), ("later", "/456"), ("latest", "/zyx")])
        {
            await test.PublishAsync(topic);
            Assert.Equal(path, (await test.App.NextAsync()).Path);
        }

        // An entry without any route is no subscription.
        Assert.DoesNotContain(await test.ListedAsync(), item => item.Contains("none", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Grpc_app_may_subscribe_without_a_path()
    {
        await using var test = await SubscriptionCase.StartAsync("programmatic", "grpc", new Wanted("a"));

        await test.PublishAsync("a", "x");

        Assert.Equal("", (await test.App.NextAsync()).Path);
    }

    [Fact]
    public async Task Route_without_a_slash_is_posted_with_one()
    {
        await using var test = await SubscriptionCase.StartAsync("v1alpha1", "http", new Wanted("a", "route1"));

        await test.PublishAsync("a", "x");

        Assert.Equal("/route1", (await test.App.NextAsync()).Path);
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task Documents_of_both_versions_count_in_their_order(string protocol)
    {
        await using var app = await Subscriber.StartAsync(protocol);
        Wanted Rule(string topic, string? match) => new(topic) { Rules = [("/123", match)] };
        await using var test = await SubscriptionCase.StartAsync(app, Resources(
            new Wanted("a", "/123").Resource("v1alpha1", "sub1").Replace("kind:", "Kind:", StringComparison.Ordinal),
            new Wanted("a", "/456").Resource("v2alpha1", "sub2").Replace("kind:", "Kind:", StringComparison.Ordinal),
            new Wanted("b", "/xyz").Resource("v2alpha1", "sub3"),
            new Wanted("b", "/zyx").Resource("v1alpha1", "sub4"),
            Rule("c", null).Resource("v2alpha1", "sub5"),
            new Wanted("c", "/def").Resource("v1alpha1", "sub6"),
            new Wanted("d", "/def").Resource("v1alpha1", "sub7"),
            Rule("d", "event.topic == \"d\"").Resource("v2alpha1", "sub8")));

        foreach (var (topic, path) in ((string, string)[])[("a", "/123"), ("b", "/xyz"), ("c", "/123"), ("d", "/def")])
        {
            await test.PublishAsync(topic);
            Assert.Equal(path, (await test.App.NextAsync()).Path);
        }

        Assert.Equal(["DECLARATIVE a /123", "DECLARATIVE b /xyz", "DECLARATIVE c /123", "DECLARATIVE d /def"], await test.ListedAsync());
    }

    [Theory]
    [MemberData(nameof(SubscriptionCase.ByProtocol), MemberType = typeof(SubscriptionCase))]
    public async Task What_the_app_asks_for_replaces_what_is_declared(string protocol)
    {
        await using var app = await Subscriber.StartAsync(protocol, [
            new Wanted("a") { Route = "/123" },
            new Wanted("b", "/xyz"),
            new Wanted("c") { Rules = [("/rule", "event.topic == \"c\"")] },
        ]);
        await using var test = await SubscriptionCase.StartAsync(app, Resources(
            new Wanted("a", "/456").Resource("v2alpha1", "sub1"),
            new Wanted("b", "/zyx").Resource("v1alpha1", "sub2"),
            new Wanted("c", "/def").Resource("v1alpha1", "sub3"),
            new Wanted("e", "/e").Resource("v1alpha1", "sub4")));

        foreach (var (topic, path) in ((string, string)[])[("a", "/123"), ("b", "/xyz"), ("c", "/rule"), ("e", "/e")])
        {
            await test.PublishAsync(topic);
            Assert.Equal(path, (await test.App.NextAsync()).Path);
            Assert.Equal(0, app.Waiting);
        }

        Assert.Equal(["PROGRAMMATIC a /123", "PROGRAMMATIC b /xyz", "PROGRAMMATIC c /rule", "DECLARATIVE e /e"], await test.ListedAsync());
    }

    [Theory]
    [InlineData("v1alpha1", "http")]
    [InlineData("v1alpha1", "grpc")]
    [InlineData("v2alpha1", "http")]
    [InlineData("v2alpha1", "grpc")]
    public async Task Scopes_say_which_apps_a_declared_subscription_is_for(string version, string protocol)
    {
        await using var app = await Subscriber.StartAsync(protocol);
        var setup = Resources(
            new Wanted("all", "/all").Resource(version, "sub1"),
            new Wanted("allempty", "/allempty") { Scopes = [] }.Resource(version, "sub2"),
            new Wanted("only1", "/only1") { Scopes = ["app1"] }.Resource(version, "sub3"),
            new Wanted("only2", "/only2") { Scopes = ["app2"] }.Resource(version, "sub4"),
            new Wanted("both", "/both") { Scopes = ["app1", "app2"] }.Resource(version, "sub5")) with { AppPort = app.Port, AppProtocol = protocol };
        await using var first = await Daprd.StartAsync(setup with { AppId = "app1" });
        await using var second = await Daprd.StartAsync(setup with { AppId = "app2" });

        Assert.Equal(["DECLARATIVE all /all", "DECLARATIVE allempty /allempty", "DECLARATIVE only1 /only1", "DECLARATIVE both /both"], await SubscriptionCase.ListedAsync(first));
        Assert.Equal(["DECLARATIVE all /all", "DECLARATIVE allempty /allempty", "DECLARATIVE only2 /only2", "DECLARATIVE both /both"], await SubscriptionCase.ListedAsync(second));
        foreach (var (daprd, topics) in ((Daprd, string[])[])[(first, ["only2", "all", "allempty", "only1", "both"]), (second, ["only1", "all", "allempty", "only2", "both"])])
        {
            foreach (var topic in topics)
                await SubscriptionCase.PublishAsync(daprd, topic, "x");
            // The first topic is not for this app.
            var paths = new List<string>();
            for (var i = 0; i < topics.Length - 1; i++)
                paths.Add((await app.NextAsync()).Path);
            Assert.Equal(topics[1..].Select(topic => "/" + topic).Order(), paths.Order());
            Assert.Equal(0, app.Waiting);
        }
    }

    private static DaprdSetup Resources(params string[] documents) => new() { Resources = [string.Join("\n---\n", [Manifests.InMemoryPubSub("mypub"), .. documents])] };
}
