using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>The pages of topics over the administration itself.</summary>
public sealed class TopicPageTests(Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Topics_are_listed_with_their_rate_and_opened_for_their_partitions()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", Enumerable.Range(0, 30).Select(n => ($"k{n}", $$"""{"n":{{n}}}""")));
        await topics.PublishAsync("returns", [("a", "b")]);
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics"));
        var page = watched.Page;
        await Expect(page.GetByTestId("topics").Locator("tbody tr")).ToHaveCountAsync(2);
        var orders = page.GetByTestId("topics").Locator("tr[data-key='orders']");
        await Expect(orders).ToContainTextAsync("0/s");
        await topics.PublishAsync("orders", Enumerable.Range(0, 300).Select(n => ($"k{n}", "{}")));
        await Expect(orders).ToContainTextAsync("330");
        await Expect(orders).Not.ToContainTextAsync("0/s 330");
        await page.GetByLabel("name has").FillAsync("RET");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("topics").Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "returns" }).ClickAsync();
        await Expect(page.GetByTestId("records")).ToHaveTextAsync("1");
        await Expect(page.GetByTestId("partitions").Locator("tbody tr")).ToHaveCountAsync(2);
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_setting_is_shown_before_and_after_and_changed_when_it_is_confirmed_with_a_line_in_the_audit_log()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", [("a", "b")]);
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics/orders/settings"));
        var page = watched.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "change retention.ms" }).ClickAsync();
        await page.GetByLabel("new value").FillAsync("3600000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByTestId("setting-preview")).ToContainTextAsync("→ 3600000");
        await page.GetByLabel("your name").FillAsync("Ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set", Exact = true }).ClickAsync();
        Assert.DoesNotContain(await topics.Admin.GetSettingsAsync("orders", Cancel), setting => setting is { Name: "retention.ms", Value: "3600000" });
        await page.GetByLabel("Yes, set it").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        Assert.Contains(await topics.Admin.GetSettingsAsync("orders", Cancel), setting => setting is { Name: "retention.ms", Value: "3600000" });
        await page.GetByRole(AriaRole.Link, new() { Name = "audit log" }).ClickAsync();
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync("Ada (console) at");
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync("alter settings");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_search_shows_what_it_finds_says_what_it_left_out_and_a_live_tail_goes_on_until_it_is_paused()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", Enumerable.Range(0, 300).Select(n => ($"k{n}", $$"""{"n":{{n}},"who":"Ann {{n % 3}}"}""")));
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics/orders/messages"));
        var page = watched.Page;
        var rows = page.GetByTestId("messages").Locator("tbody tr");
        await page.GetByLabel("newest of each").FillAsync("");
        await page.GetByLabel("field compares").FillAsync("n >= 290");
        await page.Keyboard.PressAsync("Enter");
        await Expect(rows).ToHaveCountAsync(10);
        await Expect(page.GetByTestId("search-status")).ToContainTextAsync("10 of 300 looked at");
        await rows.First.Locator("summary").ClickAsync();
        await Expect(rows.First.Locator("pre").First).ToContainTextAsync("\"who\": \"Ann");
        await page.GetByLabel("field compares").FillAsync("");
        await page.GetByLabel("show at most").SelectOptionAsync("20");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(20);
        await Expect(page.GetByTestId("skipped")).ToContainTextAsync("next offsets");
        await page.GetByRole(AriaRole.Button, new() { Name = "Live tail" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(10);
        await topics.PublishAsync("orders", [("late", """{"n":"the newest"}""")]);
        await Expect(rows.First).ToContainTextAsync("the newest");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await topics.PublishAsync("orders", [("late", """{"n":"not seen"}""")]);
        await Expect(page.GetByTestId("search-status")).ToContainTextAsync("paused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByTestId("search-status")).ToContainTextAsync("following");
        await topics.PublishAsync("orders", [("late", """{"n":"seen again"}""")]);
        await Expect(rows.First).ToContainTextAsync("seen again");
        await Expect(rows.Filter(new() { HasText = "not seen" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(page.GetByTestId("search-status")).ToContainTextAsync("stopped");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_wrong_comparison_is_told_where_it_was_asked()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", [("a", "b")]);
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics/orders/messages?where=nonsense"));
        await Expect(watched.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "nonsense" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_group_shows_its_lag_and_is_moved_after_a_preview()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", Enumerable.Range(0, 40).Select(n => ($"k{n}", "{}")));
        Assert.True(await topics.Admin.MovePositionsAsync("billing", [new("orders", 0, 0), new("orders", 1, 0)], Cancel));
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/groups"));
        var page = watched.Page;
        await Expect(page.GetByTestId("groups").Locator("tr[data-key='billing']")).ToContainTextAsync("no member");
        await page.GetByRole(AriaRole.Link, new() { Name = "billing" }).ClickAsync();
        await Expect(page.GetByTestId("events")).ToHaveTextAsync("40");
        await page.GetByRole(AriaRole.Link, new() { Name = "move…" }).ClickAsync();
        await page.GetByLabel("to", new() { Exact = true }).SelectOptionAsync("latest");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await Expect(page.GetByTestId("reset-preview")).ToContainTextAsync("40 events would never be read");
        await page.GetByLabel("Yes, move billing").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Move", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        Assert.Equal(40, (await topics.Admin.GetPositionsAsync("billing", Cancel)).Sum(position => position.Offset));
        await page.GotoAsync(new Uri(console.Url, "/audit?log=topics").ToString());
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync("billing on orders");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_replay_is_begun_followed_and_listed()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", Enumerable.Range(0, 40).Select(n => ($"k{n}", $$"""{"n":{{n}}}""")));
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics/orders/replay"));
        var page = watched.Page;
        await page.GetByLabel("to topic").FillAsync("orders.again");
        await page.GetByLabel("only where").FillAsync("n < 10");
        await page.GetByLabel("Yes, write").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See what came of it" }).ClickAsync();
        await Expect(page.GetByTestId("replay-state")).ToHaveTextAsync("done");
        await Expect(page.GetByTestId("written")).ToHaveTextAsync("10");
        await page.GotoAsync(new Uri(console.Url, "/replays").ToString());
        await Expect(page.GetByTestId("replays").Locator("tbody tr")).ToContainTextAsync("orders.again");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_plan_is_made_and_kept_and_a_size_is_worked_out_with_a_what_if()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", Enumerable.Range(0, 40).Select(n => ($"k{n}", "{}")));
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/rebalancing"));
        var page = watched.Page;
        await page.GetByLabel("by", new() { Exact = true }).SelectOptionAsync("records");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a plan" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See what came of it" }).ClickAsync();
        await Expect(page.GetByTestId("plan-state")).ToHaveTextAsync("proposed");
        await Expect(page.GetByTestId("explanation")).ToContainTextAsync("0 moves");
        await page.GotoAsync(new Uri(console.Url, "/rebalancing").ToString());
        await Expect(page.GetByTestId("plans").Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GotoAsync(new Uri(console.Url, "/topics/orders/heat").ToString());
        await Expect(page.GetByTestId("heat").Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GotoAsync(new Uri(console.Url, "/sizing").ToString());
        await page.GetByLabel("what if").FillAsync("retentionDays=3, peakFactor=5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Work it out" }).ClickAsync();
        await Expect(page.GetByTestId("sizing").Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.GetByTestId("sizing")).ToContainTextAsync("retentionDays=3");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Personal_data_of_events_without_a_schema_is_masked_in_messages()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("ingest.market.trades", [("k", """{"trade_id":"T-9","account":"ACC-SECRET"}"""), ("k", "ACC-SECRET in a text"), ("k", """["ACC-OTHER",{"account":"ACC-SECRET"}]""")]);
        await topics.PublishAsync("market.trades.dlq", [("k", $$"""{"reason":{"rule":"type","field":"account","found":"ACC-SECRET","message":"found ACC-SECRET"},"original_base64":"{{Convert.ToBase64String("""{"trade_id":"T-9","account":"ACC-SECRET"}"""u8)}}"}""")]);
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        using var http = new HttpClient();
        var open = await http.GetStringAsync(new Uri(console.Url, "/api/topics/ingest.market.trades/messages"), Cancel);
        var dead = await http.GetStringAsync(new Uri(console.Url, "/api/topics/market.trades.dlq/messages"), Cancel);
        Assert.Contains("T-9", open, StringComparison.Ordinal);
        Assert.Contains("T-9", dead, StringComparison.Ordinal);
        Assert.DoesNotContain("ACC-SECRET", open + dead, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("ACC-SECRET"u8)[..8], open + dead, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guarded_administration_is_told_its_token_and_one_that_is_gone_is_named()
    {
        await using var topics = await RealTopics.StartAsync(token: "secret");
        await topics.PublishAsync("orders", [("a", "b")]);
        await using var without = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var with = await ConsoleUnderTest.StartAsync(topics.Setting, "--MESH_ADMIN_TOKEN=secret");
        await using var gone = await ConsoleUnderTest.StartAsync("--MESH_TOPICS_URL=http://127.0.0.1:1");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        Assert.Contains("topics: /v1/topics answered 401", WebUtility.HtmlDecode(await http.GetStringAsync(new Uri(without.Url, "/topics"), Cancel)), StringComparison.Ordinal);
        Assert.Contains("orders", await http.GetStringAsync(new Uri(with.Url, "/topics"), Cancel), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"message\"", await http.GetStringAsync(new Uri(with.Url, "/api/topics/orders/messages"), Cancel), StringComparison.Ordinal);
        Assert.Contains("topics: connection refused", WebUtility.HtmlDecode(await http.GetStringAsync(new Uri(gone.Url, "/groups"), Cancel)), StringComparison.Ordinal);
        using var refused = await http.GetAsync(new Uri(gone.Url, "/api/topics/orders/messages"), Cancel);
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        using var form = new FormUrlEncodedContent([]);
        form.Headers.TryAddWithoutValidation("x", "y");
        using var foreign = new HttpRequestMessage(HttpMethod.Post, new Uri(with.Url, "/topics/orders/delete")) { Content = form };
        foreign.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var answer = await http.SendAsync(foreign, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Single(await topics.Admin.ListTopicsAsync(Cancel));
    }
}
