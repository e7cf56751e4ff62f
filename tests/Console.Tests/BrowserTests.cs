using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

[assembly: AssemblyFixture(typeof(RealTimeMesh.Console.Tests.Browser))]

namespace RealTimeMesh.Console.Tests;

public sealed class BrowserTests(Browser browser)
{
    [Fact]
    public async Task Overview_shows_graph_ledger_and_latency_and_follows_the_numbers()
    {
        await using var console = await ConsoleUnderTest.StartAsync("--MESH_PIPELINE=flights");
        await using var watched = await browser.OpenAsync(console.Url);
        var page = watched.Page;

        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("120,047");
        await Expect(page.GetByTestId("applied")).ToHaveTextAsync("120,000");
        await Expect(page.GetByTestId("dead-lettered")).ToHaveTextAsync("47");
        await Expect(page.GetByTestId("lost")).ToHaveTextAsync("0");
        await Expect(page.GetByTestId("ledger").Locator(".badge")).ToHaveTextAsync("balanced");
        await Expect(page.GetByTestId("p50")).ToContainTextAsync("31 ms");
        foreach (var title in (string[])["departures-2001-01.parquet", "bad-lines.ndjson", "flights.departures", "delays_by_airport", "busiest_routes", "bronze.departures", "silver.departures", "gold.airport_daily", "GOLD.AIRPORT_DAILY", "dead_letters"])
            await Expect(page.Locator($".node[title='{title}']")).ToBeVisibleAsync();

        console.Mesh.Counts.Flow(5_000);
        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("125,047");
        await Expect(page.Locator(".node[title='bronze.departures'] .num")).ToHaveTextAsync("125,000 rows");
        await Expect(page.GetByTestId("throughput")).Not.ToHaveTextAsync("0/s");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Windows_can_be_paged_and_filtered_by_key()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/views?pipeline=flights&view=delays_by_airport"));
        var page = watched.Page;
        var rows = page.GetByTestId("windows").Locator("tbody tr");

        await Expect(rows).ToHaveCountAsync(50);
        await Expect(rows.First).ToContainTextAsync("2001-01-14 09:00 – 09:15");
        await Expect(rows.First.Locator(".badge")).ToHaveTextAsync("open");
        await Expect(page.Locator(".mark.warn")).ToContainTextAsync("p0");
        await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Expect(rows.First).ToContainTextAsync("2001-01-14 07:45");
        await Expect(rows.First.Locator(".badge")).ToHaveTextAsync("final");

        await page.GetByLabel("origin").FillAsync("DFW");
        await page.Keyboard.PressAsync("Enter");
        await Expect(rows).ToHaveCountAsync(30);
        await Expect(rows.First).ToContainTextAsync("DFW");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Text_being_typed_survives_live_updates()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/views?pipeline=flights&view=delays_by_airport"));
        var page = watched.Page;
        var key = page.GetByLabel("origin");

        await key.FillAsync("OR");
        var clock = await page.Locator("#status time").GetAttributeAsync("datetime");
        await Expect(page.Locator("#status time")).Not.ToHaveAttributeAsync("datetime", clock!);
        await Expect(key).ToHaveValueAsync("OR");
        await Expect(key).ToBeFocusedAsync();
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Tables_show_versions_rows_preview_and_history()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/tables"));
        var page = watched.Page;
        var bronze = page.GetByTestId("tables-flights").Locator("tr[data-key='bronze.departures']");

        await Expect(bronze).ToContainTextAsync("120,000");
        await Expect(bronze).ToContainTextAsync("86");
        await Expect(page.GetByTestId("tables-flights").Locator("tr[data-key='silver.departures']")).ToContainTextAsync("1 version behind");
        await bronze.GetByRole(AriaRole.Link, new() { Name = "bronze.departures" }).ClickAsync();
        await Expect(page.GetByTestId("preview").Locator("tbody tr")).ToHaveCountAsync(50);
        await Expect(page.GetByTestId("history").Locator("tbody tr")).ToHaveCountAsync(20);
        await page.GetByRole(AriaRole.Link, new() { Name = "Show older commits" }).ClickAsync();
        await Expect(page.GetByTestId("history").Locator("tbody tr")).ToHaveCountAsync(87);
        console.Mesh.Counts.Flow(1_234);
        await Expect(page.GetByTestId("rows")).ToHaveTextAsync("121,234");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Dead_letters_are_grouped_by_rule_with_reason_origin_and_bytes()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/dead-letters?pipeline=flights"));
        var page = watched.Page;
        var letters = page.GetByTestId("letters").Locator("li");

        await Expect(page.GetByTestId("groups").Locator("li[data-key='all']")).ToContainTextAsync("47");
        await Expect(letters).ToHaveCountAsync(20);
        await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Expect(letters).ToHaveCountAsync(7);

        await page.GetByTestId("groups").Locator("li[data-key='json'] a").ClickAsync();
        await Expect(letters.First.Locator("pre")).ToContainTextAsync("<title>502 Bad Gateway</title>");
        await Expect(letters.First).ToContainTextAsync("/flights/bad-lines.ndjson");
        await Expect(letters.First).ToContainTextAsync("a JSON object");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_service_that_is_down_is_named_and_the_rest_goes_on()
    {
        await using var console = await ConsoleUnderTest.StartAsync("--MESH_PIPELINE=flights");
        await using var watched = await browser.OpenAsync(console.Url);
        var page = watched.Page;
        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("120,047");

        await console.Mesh.Lakehouse.StopAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "lakehouse" })).ToContainTextAsync("not answering since");
        await Expect(page.GetByTestId("ledger").Locator(".badge")).ToHaveTextAsync("not known");
        console.Mesh.Counts.Flow(1_000);
        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("121,047");

        await console.Mesh.Lakehouse.StartAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("all services answering");
        await Expect(page.GetByTestId("ledger").Locator(".badge")).ToHaveTextAsync("balanced");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Every_page_can_be_reached_with_the_keyboard_alone()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        await using var watched = await browser.OpenAsync(console.Url);
        var page = watched.Page;

        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        foreach (var (name, heading) in ((string, string)[])[("Views", "Views"), ("Tables", "Tables"), ("Maintenance", "Maintenance"), ("Topics", "Topics"), ("Contracts", "Contracts"), ("Sources", "Sources"), ("Dead letters", "Dead letters"), ("Audit", "Audit"), ("Apps", "Apps")])
        {
            var link = page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link, new() { Name = name });
            for (var i = 0; i < 20 && !await link.EvaluateAsync<bool>("link => link === document.activeElement"); i++)
                await page.Keyboard.PressAsync("Tab");
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 })).ToBeVisibleAsync();
            await Expect(link).ToHaveAttributeAsync("aria-current", "page");
        }

        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Live_updates_move_nothing_else_on_the_page()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        await using var watched = await browser.OpenAsync(console.Url);
        var page = watched.Page;
        await Expect(page.GetByTestId("pipeline-flights")).ToBeVisibleAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("all services answering");
        await page.EvaluateAsync("() => { window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shift += entry.value; }).observe({ type: 'layout-shift', buffered: false }); }");

        for (var i = 0; i < 5; i++)
        {
            var clock = await page.Locator("#status time").GetAttributeAsync("datetime");
            console.Mesh.Counts.Flow(777);
            await Expect(page.Locator("#status time")).Not.ToHaveAttributeAsync("datetime", clock!);
        }

        Assert.True(await page.EvaluateAsync<double>("() => window.shift") < 0.01);
        Assert.Empty(watched.Faults);
    }
}
