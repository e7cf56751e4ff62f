using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using RealTimeMesh.Console.Tests.Fakes;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>Pages over more than anybody can read: they page, filter, and stay small.</summary>
public sealed class ScaleTests(Browser browser)
{
    private const int Many = 10_000;
    private const int MostElements = 2_500;
    private const int MostBytes = 300_000;

    private static readonly string[] s_names = [.. Enumerable.Range(0, Many).Select(n => $"pipeline-{n / 100:00}.stream-{n:00000}")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_topics_are_paged_and_searched_in_pages_that_stay_small()
    {
        await using var topics = await FakeBackend.StartAsync(static app => app.MapGet("/v1/topics", (string? search, string? after, int limit) => Page(search, after, limit)));
        await using var console = await ConsoleUnderTest.StartAsync($"--MESH_TOPICS_URL={topics.Url}");
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics"));
        var page = watched.Page;
        var rows = page.GetByTestId("topics").Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(50);
        await Expect(page.Locator("#list")).ToHaveTextAsync("10,000 topics");
        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(rows.First).ToContainTextAsync("stream-00050");
        await AssertSmallAsync(page, new Uri(console.Url, "/topics"));
        await page.GetByLabel("name has").FillAsync("stream-09876");
        await page.Keyboard.PressAsync("Enter");
        await Expect(rows).ToHaveCountAsync(1);
        await page.GetByLabel("name has").FillAsync("no such");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToContainTextAsync("No topic has that in its name");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Ten_thousand_subjects_are_paged_and_searched_and_only_those_shown_are_read()
    {
        var read = 0;
        await using var registry = await FakeBackend.StartAsync(app =>
        {
            app.MapGet("/subjects", () => s_names);
            app.MapGet("/subjects/{subject}/versions/latest", (string subject) =>
            {
                Interlocked.Increment(ref read);
                return new { subject, version = 1, id = 1, schema = "\"string\"" };
            });
        });
        await using var console = await ConsoleUnderTest.StartAsync($"--SCHEMA_REGISTRY_URL={registry.Url}");
        using var http = new HttpClient();
        await http.GetStringAsync(new Uri(console.Url, "/contracts?page=7"), Cancel);
        Assert.Equal(50, Volatile.Read(ref read));
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/contracts"));
        var page = watched.Page;
        var rows = page.GetByTestId("subjects").Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(50);
        await Expect(page.Locator(".pager")).ToContainTextAsync("page 1 of 200");
        await AssertSmallAsync(page, new Uri(console.Url, "/contracts"));
        await page.GetByLabel("name has").FillAsync("STREAM-09876");
        await page.Keyboard.PressAsync("Enter");
        await Expect(rows).ToHaveCountAsync(1);
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Messages_of_a_megabyte_and_a_long_search_leave_the_page_small()
    {
        await using var topics = await RealTopics.StartAsync();
        await topics.PublishAsync("large", Enumerable.Range(0, 8).Select(n => ($"k{n}", $$"""{"n":{{n}},"text":"{{new string('x', 1_000_000)}}"}""")));
        for (var batch = 0; batch < 4; batch++)
            await topics.PublishAsync("many", Enumerable.Range(0, 500).Select(n => ($"k{n}", $$"""{"n":{{(batch * 500) + n}}}""")));
        await using var console = await ConsoleUnderTest.StartAsync(topics.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/topics/large/messages?last=10"));
        var page = watched.Page;
        var rows = page.GetByTestId("messages").Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(8);
        await rows.First.Locator("summary").ClickAsync();
        await Expect(rows.First).ToContainTextAsync("cut: the value has 1,000,0");
        await page.GotoAsync(new Uri(console.Url, "/topics/many/messages?from=0&limit=1000").ToString());
        await Expect(page.GetByTestId("search-status")).ToContainTextAsync("1,000 of ");
        await Expect(rows).ToHaveCountAsync(500);
        await Expect(page.GetByTestId("skipped")).ToContainTextAsync("next offsets");
        Assert.Empty(watched.Faults);
    }

    private static async Task AssertSmallAsync(IPage page, Uri address)
    {
        Assert.InRange(await page.EvaluateAsync<int>("() => document.querySelectorAll('*').length"), 100, MostElements);
        using var http = new HttpClient();
        Assert.InRange(Encoding.UTF8.GetByteCount(await http.GetStringAsync(address, Cancel)), 1_000, MostBytes);
    }

    /// <summary>As the administration of topics pages: by name.</summary>
    private static IResult Page(string? search, string? after, int limit)
    {
        var found = s_names.Where(name => search is null || name.Contains(search, StringComparison.OrdinalIgnoreCase)).ToArray();
        var rest = found.Where(name => after is null || string.CompareOrdinal(name, after) > 0).ToArray();
        var items = rest.Take(limit).Select(name => new { name, partitions = 8, replicas = 1, records = 1_000L, bytes = 100_000L, leaderless = 0, underReplicated = 0, written = 1_000L }).ToArray();
        return Results.Json(new { items, next = rest.Length > limit ? items[^1].name : null, total = found.Length });
    }
}
