using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using RealTimeMesh.Console.Tests.Fakes;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>Services that are slow, silent, broken or hostile: a page says so, offers to try again, and is never blank.</summary>
public sealed class TroubleTests(Browser browser)
{
    private const string Evil = "\"'><img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>&amp; Ünïcödé 日本 🚀";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_is_named_and_can_be_tried_again()
    {
        var isSlow = true;
        await using var registry = await FakeBackend.StartAsync(app => app.MapGet("/subjects/{subject}/versions", async (CancellationToken aborted) =>
        {
            if (Volatile.Read(ref isSlow))
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted);
            return new[] { 1 };
        }));
        await using var console = await ConsoleUnderTest.StartAsync($"--SCHEMA_REGISTRY_URL={registry.Url}", "--MESH_CONSOLE_TIMEOUT_MS=500");
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/contracts/diff?name=orders"));
        var page = watched.Page;
        await Expect(page.GetByTestId("fault")).ToContainTextAsync("schema-registry: no answer from /subjects/orders/versions within 0.5 s");
        Volatile.Write(ref isSlow, false);
        // On a loaded machine half a second may be short once more.
        while (await page.GetByTestId("fault").CountAsync() > 0)
        {
            await page.EvaluateAsync("() => { document.body.dataset.old = 'yes'; }");
            await page.GetByRole(AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
            await Expect(page.Locator("body[data-old]")).ToHaveCountAsync(0);
            await Expect(page.Locator(".foot")).ToBeVisibleAsync();
        }

        await Expect(page.Locator("main")).ToContainTextAsync("There is one version only");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_search_that_falls_silent_or_breaks_off_keeps_what_it_found_says_so_and_can_be_tried_again()
    {
        var mode = "silent";
        await using var topics = await FakeBackend.StartAsync(app => app.MapGet("/v1/topics/{topic}/messages", async (HttpContext context) =>
        {
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.WriteAsync("""{"type":"message","partition":0,"offset":4,"timestamp":"2026-01-01T00:00:00Z","format":"json","value":{"n":1}}""" + "\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            switch (Volatile.Read(ref mode))
            {
                case "silent":
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                    break;
                case "broken":
                    context.Abort();
                    break;
                case "good":
                    await context.Response.WriteAsync("""{"type":"end","reason":"end","scanned":1,"matched":1,"skipped":[],"partitions":[]}""" + "\n", context.RequestAborted);
                    break;
            }
        }));
        await using var console = await ConsoleUnderTest.StartAsync($"--MESH_TOPICS_URL={topics.Url}", "--MESH_CONSOLE_LONG_TIMEOUT_MS=10000");
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics/orders/messages?last=1"));
        var page = watched.Page;
        var (rows, fault, again) = (page.GetByTestId("messages").Locator("tbody tr"), page.Locator("#search-fault"), page.GetByRole(AriaRole.Button, new() { Name = "Try again" }));
        await Expect(fault).ToContainTextAsync("topics: no answer within 10 s");
        await Expect(rows).ToHaveCountAsync(1);
        Volatile.Write(ref mode, "broken");
        await again.ClickAsync();
        await Expect(fault).ToContainTextAsync("topics: the connection broke off");
        Volatile.Write(ref mode, "cut");
        await again.ClickAsync();
        await Expect(fault).ToContainTextAsync("the answer broke off; 1 shown are not all");
        await Expect(page.GetByTestId("search-status")).ToHaveTextAsync("ended");
        Volatile.Write(ref mode, "good");
        await again.ClickAsync();
        await Expect(page.GetByTestId("search-status")).ToContainTextAsync("1 of 1 looked at");
        await Expect(fault).ToBeHiddenAsync();
        await Expect(rows).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task An_older_answer_never_takes_the_place_of_a_newer_one()
    {
        await using var console = await ConsoleUnderTest.StartAsync("--MESH_PIPELINE=flights");
        await using var watched = await browser.OpenAsync(console.Url);
        var page = watched.Page;
        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("120,047");
        using var http = new HttpClient();
        var old = await http.GetStringAsync(console.Url, Cancel);
        console.Mesh.Counts.Flow(5_000);
        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("125,047");

        var answered = 0;
        await page.RouteAsync(url => new Uri(url).AbsolutePath == "/", async route =>
        {
            await route.FulfillAsync(new RouteFulfillOptions { Status = 200, ContentType = "text/html; charset=utf-8", Body = old });
            Interlocked.Increment(ref answered);
        });
        while (Volatile.Read(ref answered) < 4)
        {
            Assert.Equal("125,047", await page.GetByTestId("acked").TextContentAsync());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        Assert.Equal("125,047", await page.GetByTestId("acked").TextContentAsync());
        await page.UnrouteAllAsync();
        console.Mesh.Counts.Flow(1);
        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("125,048");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Names_and_messages_that_hold_markup_are_shown_as_the_text_they_are()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("orders", [(Evil, Evil), ("json", System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { [Evil] = Evil }))]);
        await using var contracts = await RealContracts.StartAsync();
        await contracts.RegisterAsync(Evil, """{"type":"record","name":"R","doc":"<img src=x onerror='window.hit=1'>","fields":[{"name":"a","type":"string","default":"</script><script>window.hit=1</script>","doc":"<b onclick='window.hit=1'>"}]}""");
        await using var console = await ConsoleUnderTest.StartAsync([topics.Setting, .. contracts.Settings]);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics/orders/messages?last=5"));
        var page = watched.Page;
        var rows = page.GetByTestId("messages").Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(2);
        foreach (var row in await rows.AllAsync())
            await row.Locator("summary").ClickAsync();
        await Expect(rows.Filter(new() { HasText = Evil }).First).ToBeVisibleAsync();
        await AssertNothingRanAsync(page);

        var name = Uri.EscapeDataString(Evil);
        foreach (var path in (string[])["/contracts", $"/contracts?search={name}", $"/contracts/subject?name={name}", $"/contracts/diff?name={name}", $"/contracts/check?name={name}", $"/contracts/settings?name={name}&level=FULL", $"/topics?search={name}", $"/groups/group?name={name}", $"/dead-letters?search={name}", $"/sources?search={name}", $"/topics/orders/messages?contains={name}"])
        {
            await page.GotoAsync(new Uri(console.Url, path).ToString());
            await AssertNothingRanAsync(page);
        }

        await page.GotoAsync(new Uri(console.Url, "/contracts").ToString());
        await page.GetByTestId("subjects").GetByRole(AriaRole.Link, new() { Name = Evil }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Evil);
        await Expect(page.GetByTestId("version")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task What_somebody_closed_stays_closed_while_the_page_lives()
    {
        await using var letters = await RealLetters.StartAsync();
        await letters.RefuseAsync(1);
        await using var console = await ConsoleUnderTest.StartAsync(letters.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/dead-letters/letters?deadLetterTopic=flights.departures.dlq"));
        var page = watched.Page;
        await page.Locator("summary", new() { HasText = "Filter" }).ClickAsync();
        for (var i = 0; i < 3; i++)
        {
            var clock = await page.Locator("#status time").GetAttributeAsync("datetime");
            await Expect(page.Locator("#status time")).Not.ToHaveAttributeAsync("datetime", clock!);
        }

        Assert.False(await page.Locator("details").First.EvaluateAsync<bool>("details => details.open"));
        Assert.Empty(watched.Faults);
    }

    [Theory]
    [InlineData("/sources?page=many", HttpStatusCode.BadRequest, "The address is not whole")]
    [InlineData("/groups/group", HttpStatusCode.BadRequest, "The address is not whole")]
    [InlineData("/contracts", HttpStatusCode.InternalServerError, "This page could not be made")]
    [InlineData("/nothing", HttpStatusCode.NotFound, "There is no such page")]
    public async Task No_answer_is_a_blank_page(string path, HttpStatusCode status, string title)
    {
        await using var registry = await FakeBackend.StartAsync(static app => app.MapGet("/subjects", static () => new string?[] { null }));
        await using var console = await ConsoleUnderTest.StartAsync($"--SCHEMA_REGISTRY_URL={registry.Url}");
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(console.Url, path), Cancel);
        var text = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains($"<h1>{title}</h1>", text, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"Pages\"", text, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", string.Join("", answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    private static async Task AssertNothingRanAsync(IPage page)
    {
        Assert.False(await page.EvaluateAsync<bool>("() => 'hit' in window"));
        Assert.Equal(0, await page.Locator("img, iframe, b[onclick], main script").CountAsync());
    }
}
