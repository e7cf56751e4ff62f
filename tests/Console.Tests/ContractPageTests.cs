using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>The pages of contracts over the registry and the job service themselves.</summary>
public sealed class ContractPageTests(Browser browser)
{
    private const string Old = """{"type":"record","name":"Order","namespace":"shop","doc":"An order of a customer.","owner":"team-shop","fields":[{"name":"id","type":"string"},{"name":"email","type":"string","pii":true},{"name":"size","type":"int"}]}""";
    private const string New = """{"type":"record","name":"Order","namespace":"shop","doc":"An order of a customer.","owner":"team-shop","fields":[{"name":"id","type":"string"},{"name":"email","type":"string","pii":true},{"name":"size","type":"long"},{"name":"note","type":["null","string"],"default":null}]}""";
    private const string Breaking = """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"string"},{"name":"price","type":"double"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subjects_are_searched_and_opened_for_owner_fields_and_versions()
    {
        await using var contracts = await RealContracts.StartAsync();
        for (var i = 0; i < 60; i++)
            await contracts.RegisterAsync($"many-{i:00}-value", """{"type":"string"}""");
        await contracts.RegisterAsync("shop.orders-value", Old);
        await contracts.RegisterAsync("shop.orders-value", New);
        await contracts.RegisterAsync(":.team:shop.orders-value", Old);
        await contracts.RegisterAsync("shop.note-value", """syntax = "proto3"; message Note { string text = 1; }""", "PROTOBUF");
        await using var console = await ConsoleUnderTest.StartAsync(contracts.Settings);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/contracts"));
        var page = watched.Page;
        await Expect(page.GetByTestId("subjects").Locator("tbody tr")).ToHaveCountAsync(50);
        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(page.GetByTestId("subjects").Locator("tbody tr")).ToHaveCountAsync(13);
        await page.GetByLabel("name has").FillAsync("orders");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("subjects").Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GetByLabel("in context").SelectOptionAsync(":.team:");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(page.GetByTestId("subjects").Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GotoAsync(new Uri(console.Url, "/contracts?search=shop.orders").ToString());
        await page.GetByTestId("subjects").Locator("tr[data-key='shop.orders-value'] a").First.ClickAsync();
        await Expect(page.GetByTestId("version")).ToHaveTextAsync("2");
        await Expect(page.GetByTestId("owner")).ToHaveTextAsync("team-shop");
        await Expect(page.GetByTestId("level")).ToHaveTextAsync("BACKWARD, the default");
        await Expect(page.GetByTestId("fields").Locator("tr[data-key='email']")).ToContainTextAsync("PII");
        await Expect(page.GetByTestId("fields").Locator("tr[data-key='note']")).ToContainTextAsync("null | string");
        await page.GetByTestId("versions").GetByRole(AriaRole.Link, new() { Name = "1" }).ClickAsync();
        await Expect(page.GetByTestId("version")).ToHaveTextAsync("1");
        await page.GotoAsync(new Uri(console.Url, "/contracts/subject?name=shop.note-value").ToString());
        await Expect(page.GetByTestId("schema")).ToContainTextAsync("message Note");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Two_versions_are_compared_by_field_and_by_line()
    {
        await using var contracts = await RealContracts.StartAsync();
        await contracts.RegisterAsync("shop.orders-value", Old);
        await contracts.RegisterAsync("shop.orders-value", New);
        await using var console = await ConsoleUnderTest.StartAsync(contracts.Settings);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/contracts/subject?name=shop.orders-value"));
        var page = watched.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Differences" }).ClickAsync();
        var changes = page.GetByTestId("field-changes").Locator("tbody tr");
        await Expect(changes).ToHaveCountAsync(2);
        await Expect(changes.First).ToContainTextAsync("size");
        await Expect(changes.First).ToContainTextAsync("long");
        await Expect(changes.Last).ToContainTextAsync("new");
        await Expect(page.GetByTestId("line-changes").Locator("del")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("line-changes").Locator("ins").First).ToContainTextAsync("long");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_level_is_set_when_it_is_confirmed_counts_in_a_check_and_leaves_an_audit_line()
    {
        await using var contracts = await RealContracts.StartAsync();
        await contracts.RegisterAsync("shop.orders-value", Old);
        await using var console = await ConsoleUnderTest.StartAsync(contracts.Settings);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/contracts/settings?name=shop.orders-value"));
        var page = watched.Page;
        await page.GetByLabel("compatibility", new() { Exact = true }).SelectOptionAsync("FULL");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change…" }).ClickAsync();
        await Expect(page.GetByTestId("setting-preview")).ToContainTextAsync("BACKWARD → FULL");
        await page.GetByLabel("your name").FillAsync("Ada");
        await page.GetByLabel("Yes, for").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        Assert.Equal("FULL", (await contracts.GetAsync("/config/shop.orders-value")).GetProperty("compatibilityLevel").GetString());
        await page.GetByRole(AriaRole.Link, new() { Name = "audit log" }).ClickAsync();
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync("Ada (console)");
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GetByTestId("audit-log").Locator("summary").Last.ClickAsync();
        await Expect(page.GetByTestId("audit-log").Locator("pre").Last).ToContainTextAsync("FULL");

        // int to long is read, but not by the old schema.
        await page.GotoAsync(new Uri(console.Url, "/contracts/check?name=shop.orders-value").ToString());
        await page.GetByLabel("schema", new() { Exact = true }).FillAsync(New);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("verdict")).ToHaveTextAsync("not compatible");
        await Expect(page.GetByTestId("messages")).ToContainTextAsync("TYPE_MISMATCH");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_compatible_schema_is_registered_from_its_check_and_nonsense_is_told_as_such()
    {
        await using var contracts = await RealContracts.StartAsync();
        await contracts.RegisterAsync("shop.orders-value", Old);
        await using var console = await ConsoleUnderTest.StartAsync(contracts.Settings);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/contracts/check?name=shop.orders-value"));
        var page = watched.Page;
        await page.GetByLabel("schema", new() { Exact = true }).FillAsync("{\"type\":");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("verdict")).ToHaveTextAsync("not compatible");
        await page.GetByLabel("schema", new() { Exact = true }).FillAsync(New);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("verdict")).ToHaveTextAsync("compatible");
        await page.GetByLabel("Yes, register it").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        Assert.Equal(2, (await contracts.GetAsync("/subjects/shop.orders-value/versions")).GetArrayLength());
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_change_of_a_streams_contract_tells_what_it_would_break()
    {
        await using var contracts = await RealContracts.StartAsync(withJobs: true);
        var schema = await File.ReadAllTextAsync(Directory.EnumerateFiles(Path.Combine(ConsoleUnderTest.PipelinesPath, "flights"), "*.avsc", SearchOption.AllDirectories).First(), Cancel);
        await contracts.RegisterAsync("flights.departures-value", schema);
        await using var console = await ConsoleUnderTest.StartAsync(contracts.Settings);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/contracts/check?name=flights.departures-value"));
        var page = watched.Page;
        page.SetDefaultTimeout(60_000);
        await page.GetByLabel("schema", new() { Exact = true }).FillAsync(Breaking);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("breaks")).ToContainTextAsync("break", new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("impact")).ToContainTextAsync("silver.departures");
        await page.GotoAsync(new Uri(console.Url, "/contracts/impact?name=flights.departures-value").ToString());
        await Expect(page.GetByTestId("dependents")).ToContainTextAsync("gold.airport_daily", new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("dependents")).ToContainTextAsync("delay");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_registry_that_is_gone_is_named_and_forms_of_other_sites_are_refused()
    {
        await using var console = await ConsoleUnderTest.StartAsync("--SCHEMA_REGISTRY_URL=http://127.0.0.1:1");
        using var http = new HttpClient();
        Assert.Contains("schema-registry: connection refused", WebUtility.HtmlDecode(await http.GetStringAsync(new Uri(console.Url, "/contracts"), Cancel)), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(console.Url, "/contracts/settings")) { Content = new FormUrlEncodedContent([new("level", "NONE")]) };
        request.Headers.Add("Origin", "http://evil.example");
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
