using System.Text.Json.Nodes;
using Microsoft.Playwright;
using RealTimeMesh.Console.Tests;
using RealTimeMesh.Testing;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The console of a host as a user starts it, in a browser: what pages say is what the services' own APIs say.</summary>
public sealed class ConsoleTourTests(Browser browser) : IClassFixture<Browser>
{
    private const string Topic = "flights.departures";
    private const string Letters = "deadLetterTopic=flights.departures.dlq";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 900_000)]
    public async Task Topics_messages_groups_sources_and_contracts_show_what_their_services_say()
    {
        await using var mesh = await TouredMesh.StartAsync(good: 200, bad: 20);
        await using var watched = await browser.OpenAsync(mesh.Console);
        var page = watched.Page;

        await Expect(page.GetByTestId("acked")).ToHaveTextAsync("220");
        await Expect(page.GetByTestId("applied")).ToHaveTextAsync("200");
        await Expect(page.GetByTestId("dead-lettered")).ToHaveTextAsync("20");
        await Expect(page.GetByTestId("ledger").Locator(".badge")).ToHaveTextAsync("balanced");

        await MenuAsync(page, "Topics");
        var row = page.GetByTestId("topics").Locator($"tr[data-key='{Topic}']");
        await Expect(row.Locator("td").Nth(1)).ToHaveTextAsync("200");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        var partitions = (await mesh.GetAsync(mesh.Topics, $"/v1/topics/{Topic}")).GetProperty("partitions").EnumerateArray().ToArray();
        await Expect(page.GetByTestId("records")).ToHaveTextAsync("200");
        await Expect(page.GetByTestId("partitions").Locator("tbody tr")).ToHaveCountAsync(partitions.Length);
        foreach (var partition in partitions)
            await Expect(page.GetByTestId("partitions").Locator($"tr[data-key='p{partition.GetProperty("index")}'] td").Nth(1)).ToHaveTextAsync($"{partition.GetProperty("high")}");
        await SearchAsync(page);

        await page.GotoAsync(new Uri(mesh.Console, "/groups").ToString());
        var groups = (await mesh.GetAsync(mesh.Topics, "/v1/groups")).GetProperty("items");
        await Expect(page.GetByTestId("groups").Locator("tbody tr")).ToHaveCountAsync(groups.GetArrayLength());
        await page.GetByTestId("groups").Locator("tr[data-key='stream-processor']").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByTestId("events")).ToHaveTextAsync("0");
        await page.GetByTestId($"lag-{Topic}").Locator("..").Locator("..").GetByRole(AriaRole.Link, new() { Name = "move…" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await Expect(page.GetByTestId("reset-preview")).ToHaveTextAsync("0 events would never be read, 200 again");
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "member" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Move", Exact = true })).ToHaveCountAsync(0);

        await MenuAsync(page, "Sources");
        var sources = (await mesh.GetAsync(mesh.Host.AppUrl("ingestion"), "/v1/sources")).GetProperty("sources").EnumerateArray().Select(source => source.GetProperty("name").GetString()).ToArray();
        if (sources.Length == 0)
            await Expect(page.Locator("main")).ToContainTextAsync("No pipeline declares a source");
        else
            await Expect(page.GetByTestId("sources").Locator("tbody th")).ToHaveTextAsync(sources.Select(name => name!));
        await ContractsAsync(page, mesh);
        Assert.Empty(watched.Faults);
    }

    [Fact(Timeout = 900_000)]
    public async Task Dead_letters_are_understood_mended_sent_again_and_accounted_for_and_a_killed_host_is_told()
    {
        await using var mesh = await TouredMesh.StartAsync(good: 50, bad: 20);
        await using var watched = await browser.OpenAsync(mesh.Console);
        var page = watched.Page;
        await MenuAsync(page, "Dead letters");
        var group = (await mesh.GetAsync(mesh.Letters, "/v1/groups")).GetProperty("items")[0];
        var causes = page.GetByTestId("letter-groups").Locator("tbody tr");
        await Expect(causes).ToHaveCountAsync(1);
        await Expect(causes.First.Locator("td").Nth(1)).ToHaveTextAsync($"{group.GetProperty("count")}");
        await causes.First.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.GetByTestId("letters").Locator("li")).ToHaveCountAsync(20);
        await page.GetByTestId("letters").Locator("li").First.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByTestId("original")).ToContainTextAsync("\"delay\": \"late ");
        await Expect(page.GetByTestId("letter-verdict")).ToHaveTextAsync("would be refused");
        await Expect(page.GetByTestId("contract").Locator("tr", new() { HasText = "delay" })).ToContainTextAsync("late");

        await page.GotoAsync(new Uri(mesh.Console, $"/dead-letters/edit?{Letters}").ToString());
        await page.GetByLabel("set FIELD").FillAsync("set delay = 5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await Expect(page.GetByTestId("meant")).ToHaveTextAsync("20");
        await Expect(page.GetByTestId("changes")).ToHaveTextAsync("20");
        await Expect(page.GetByTestId("passing")).ToHaveTextAsync("20");
        await ConfirmAsync(page, "Yes, edit", "Edit");
        await Expect(page.GetByTestId("job-done")).ToHaveTextAsync("20");

        await page.GotoAsync(new Uri(mesh.Console, $"/dead-letters/redrive?{Letters}").ToString());
        await Expect(page.GetByTestId("passing")).ToHaveTextAsync("20");
        await ConfirmAsync(page, "Yes, send again", "Send again");
        await Expect(page.GetByTestId("job-done")).ToHaveTextAsync("20");
        var job = (await mesh.GetAsync(mesh.Letters, "/v1/jobs"))[0];
        Assert.Equal(("redrive", "done", 20), (job.GetProperty("kind").GetString(), job.GetProperty("state").GetString(), job.GetProperty("done").GetInt32()));

        // They came in by the front door again, and are accounted for.
        await page.GotoAsync(mesh.Console.ToString());
        await Expect(page.GetByTestId("applied")).ToHaveTextAsync("70");
        await Expect(page.GetByTestId("ledger").Locator(".badge")).ToHaveTextAsync("balanced");
        await page.GotoAsync(new Uri(mesh.Console, $"/dead-letters/letters?{Letters}&state=redriven").ToString());
        await Expect(page.Locator(".lead")).ToContainTextAsync(": 20");
        await page.GotoAsync(new Uri(mesh.Console, "/audit?log=letters").ToString());
        await Expect(page.GetByTestId("audit-log")).ToContainTextAsync("start edit");
        await Expect(page.GetByTestId("audit-log")).ToContainTextAsync("start redrive");
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync("Ada (console)");
        Assert.Empty(watched.Faults);

        await page.GotoAsync(new Uri(mesh.Console, $"/topics/{Topic}/messages").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Live tail" }).ClickAsync();
        await Expect(page.GetByTestId("search-status")).ToContainTextAsync("following");
        await mesh.Host.KillAsync();
        await Expect(page.Locator("#search-fault")).ToContainTextAsync("broke off");
        await Expect(page.Locator("#stale")).ToContainTextAsync("The console is not answering");
    }

    /// <summary>Decoded search, bounded search that says what it left out, and a live tail that is stopped.</summary>
    private static async Task SearchAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Messages", Exact = true }).ClickAsync();
        var (rows, status) = (page.GetByTestId("messages").Locator("tbody tr"), page.GetByTestId("search-status"));
        await page.GetByLabel("newest of each partition").FillAsync("");
        await page.GetByLabel("field compares").FillAsync("origin = ORD");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(status).ToContainTextAsync("100 of 200 looked at");
        await Expect(rows).ToHaveCountAsync(100);
        await rows.First.Locator("summary").ClickAsync();
        await Expect(rows.First.Locator("pre").First).ToContainTextAsync("\"origin\": \"ORD\"");
        await Expect(rows.First).ToContainTextAsync("avro");
        await page.GetByLabel("show at most").SelectOptionAsync("20");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(20);
        await Expect(page.GetByTestId("skipped")).ToContainTextAsync("next offsets");
        await page.GetByRole(AriaRole.Button, new() { Name = "Live tail" }).ClickAsync();
        await Expect(status).ToContainTextAsync("following");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(status).ToContainTextAsync("stopped");
    }

    /// <summary>A change that breaks is refused with what it would break; one that does not becomes the next version, and is compared with the last.</summary>
    private static async Task ContractsAsync(IPage page, TouredMesh mesh)
    {
        const string subject = Topic + "-value";
        await MenuAsync(page, "Contracts");
        var subjects = await mesh.GetAsync(mesh.Registry, "/subjects");
        await Expect(page.GetByTestId("subjects").Locator("tbody tr")).ToHaveCountAsync(subjects.GetArrayLength());
        await page.GetByTestId("subjects").GetByRole(AriaRole.Link, new() { Name = subject }).ClickAsync();
        await Expect(page.GetByTestId("version")).ToHaveTextAsync("1");
        var departure = await File.ReadAllTextAsync(Repository.PathOf("pipelines", "flights", "contracts", "departure.avsc"), Cancel);

        var renamed = departure.Replace("\"name\": \"delay\"", "\"name\": \"late\"", StringComparison.Ordinal);
        var impact = await mesh.PostAsync(mesh.Host.AppUrl("spark-jobs"), $"/v1/contracts/{Topic}/impact", new { schema = renamed });
        Assert.True(impact.GetProperty("breaks").GetInt32() > 3, impact.ToString());
        await CheckAsync(page, renamed);
        await Expect(page.GetByTestId("verdict")).ToHaveTextAsync("not compatible");
        await Expect(page.GetByTestId("breaks")).ToHaveTextAsync($"{impact.GetProperty("breaks")} parts break");
        await Expect(page.GetByTestId("impact").Locator("tbody tr")).ToHaveCountAsync(impact.GetProperty("parts").GetArrayLength());
        await Expect(page.GetByTestId("impact").Locator("tbody tr").First).ToContainTextAsync("breaks");

        var longer = JsonNode.Parse(departure)!;
        longer["fields"]!.AsArray().Add(new JsonObject { ["name"] = "gate", ["type"] = new JsonArray("null", "string"), ["default"] = null });
        await CheckAsync(page, longer.ToJsonString());
        await Expect(page.GetByTestId("verdict")).ToHaveTextAsync("compatible");
        await page.GetByLabel("your name").FillAsync("Ada");
        await page.GetByLabel("Yes, register it").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        Assert.Equal(2, (await mesh.GetAsync(mesh.Registry, $"/subjects/{subject}/versions")).GetArrayLength());
        await page.GotoAsync(new Uri(mesh.Console, $"/contracts/diff?name={subject}").ToString());
        await Expect(page.GetByTestId("field-changes")).ToContainTextAsync("gate");
        await page.GotoAsync(new Uri(mesh.Console, "/audit?log=contracts").ToString());
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync(subject);
    }

    private static async Task CheckAsync(IPage page, string schema)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Check a change" }).ClickAsync();
        await page.GetByLabel("schema", new() { Exact = true }).FillAsync(schema);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check", Exact = true }).ClickAsync();
    }

    private static async Task ConfirmAsync(IPage page, string confirm, string button)
    {
        await page.GetByLabel("your name").FillAsync("Ada");
        await page.GetByLabel(confirm).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See what came of it" }).ClickAsync();
        await Expect(page.GetByTestId("job-state")).ToHaveTextAsync("done");
    }

    private static async Task MenuAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1, Exact = true })).ToBeVisibleAsync();
    }
}
