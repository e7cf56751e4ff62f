using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>The pages of dead letters over the service itself.</summary>
public sealed class LetterPageTests(Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Causes_lead_to_letters_and_a_letter_tells_its_reason_its_message_and_whether_it_would_be_taken()
    {
        await using var letters = await RealLetters.StartAsync();
        await letters.RefuseAsync(30);
        await using var console = await ConsoleUnderTest.StartAsync(letters.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/dead-letters"));
        var page = watched.Page;
        var causes = page.GetByTestId("letter-groups").Locator("tbody tr");
        await Expect(causes).ToHaveCountAsync(1);
        await Expect(causes.First).ToContainTextAsync("30");
        await causes.First.GetByRole(AriaRole.Link).First.ClickAsync();
        var list = page.GetByTestId("letters").Locator("li");
        await Expect(list).ToHaveCountAsync(20);
        await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Expect(list).ToHaveCountAsync(10);
        await page.GetByLabel("text in message or reason").FillAsync("late 7\"");
        await page.Keyboard.PressAsync("Enter");
        await Expect(list).ToHaveCountAsync(1);
        await list.First.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByTestId("letter-state")).ToHaveTextAsync("open");
        await Expect(page.GetByTestId("original")).ToContainTextAsync("\"delay\": \"late 7\"");
        await Expect(page.GetByTestId("letter-verdict")).ToHaveTextAsync("would be refused");
        await Expect(page.GetByTestId("contract")).ToContainTextAsync("delay");
        await page.GotoAsync(new Uri(console.Url, "/dead-letters/alerts").ToString());
        await Expect(page.GetByTestId("collected")).ToContainTextAsync("flights.departures.dlq");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Letters_are_mended_by_an_expression_and_sent_again_each_after_a_preview_with_lines_in_the_audit_log()
    {
        await using var letters = await RealLetters.StartAsync();
        await letters.RefuseAsync(12);
        await using var console = await ConsoleUnderTest.StartAsync(letters.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/dead-letters"));
        var page = watched.Page;
        await Expect(page.GetByTestId("letter-groups")).ToContainTextAsync("12");
        await page.GotoAsync(new Uri(console.Url, "/dead-letters/letters?deadLetterTopic=flights.departures.dlq").ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit these…" }).ClickAsync();
        await page.GetByLabel("set FIELD").FillAsync("set delay = 5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await Expect(page.GetByTestId("changes")).ToHaveTextAsync("12");
        await Expect(page.GetByTestId("passing")).ToHaveTextAsync("12");
        await Expect(page.GetByTestId("after").First).ToContainTextAsync("\"delay\": 5");
        await page.GetByLabel("your name").FillAsync("Ada");
        await page.GetByLabel("Yes, edit").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See what came of it" }).ClickAsync();
        await Expect(page.GetByTestId("job-state")).ToHaveTextAsync("done");
        await Expect(page.GetByTestId("job-done")).ToHaveTextAsync("12");

        await page.GotoAsync(new Uri(console.Url, "/dead-letters/redrive?deadLetterTopic=flights.departures.dlq").ToString());
        await Expect(page.GetByTestId("letter-preview")).ToContainTextAsync("to ingest.flights.departures");
        await page.GetByLabel("your name").FillAsync("Ada");
        await page.GetByLabel("Yes, send again").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send again", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See what came of it" }).ClickAsync();
        await Expect(page.GetByTestId("job-state")).ToHaveTextAsync("done");
        Assert.Equal(12, (await letters.Admin.DescribeTopicsAsync(["ingest.flights.departures"], Cancel)).Single().Partitions.Sum(partition => partition.Records));
        await page.GotoAsync(new Uri(console.Url, "/dead-letters/jobs").ToString());
        await Expect(page.GetByTestId("letter-jobs").Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GotoAsync(new Uri(console.Url, "/audit?log=letters").ToString());
        await Expect(page.GetByTestId("audit-log")).ToContainTextAsync("start redrive");
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync("Ada (console) at");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task One_letter_is_edited_undone_put_aside_and_opened_again()
    {
        await using var letters = await RealLetters.StartAsync();
        await letters.RefuseAsync(1);
        await using var console = await ConsoleUnderTest.StartAsync(letters.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, "/dead-letters"));
        var page = watched.Page;
        await Expect(page.GetByTestId("letter-groups").Locator("tbody tr")).ToHaveCountAsync(1);
        var letter = new Uri(console.Url, "/dead-letters/letter?id=flights.departures.dlq:0:0").ToString();
        await page.GotoAsync(letter);
        await page.GetByLabel("message", new() { Exact = true }).FillAsync("""{"date":"2001-01-05T09:15:00Z","delay":7,"distance":431,"origin":"ORD","destination":"MSP"}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep this version" }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        await page.GotoAsync(letter);
        await Expect(page.GetByTestId("current")).ToContainTextAsync("\"delay\": 7");
        await Expect(page.GetByTestId("letter-verdict")).ToHaveTextAsync("would be taken");
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo version 1" }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        await page.GotoAsync(letter);
        await Expect(page.GetByTestId("current")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("history")).ToContainTextAsync("undone");
        await page.GetByRole(AriaRole.Link, new() { Name = "Put aside…" }).ClickAsync();
        await page.GetByLabel("why").FillAsync("a test of the airport");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await page.GetByLabel("Yes, put aside").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Put aside", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See what came of it" }).ClickAsync();
        await Expect(page.GetByTestId("job-state")).ToHaveTextAsync("done");
        await page.GotoAsync(letter);
        await Expect(page.GetByTestId("letter-state")).ToHaveTextAsync("discarded");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Where_the_service_is_gone_it_is_named_and_without_one_the_lakehouses_copy_is_shown()
    {
        await using var gone = await ConsoleUnderTest.StartAsync("--MESH_DEAD_LETTERS_URL=http://127.0.0.1:1");
        await using var without = await ConsoleUnderTest.StartAsync();
        using var http = new HttpClient();
        Assert.Contains("dead-letters: connection refused", WebUtility.HtmlDecode(await http.GetStringAsync(new Uri(gone.Url, "/dead-letters"), Cancel)), StringComparison.Ordinal);
        Assert.Contains("connection refused", WebUtility.HtmlDecode(await http.GetStringAsync(new Uri(gone.Url, "/dead-letters/letters?topic=x"), Cancel)), StringComparison.Ordinal);
        Assert.Contains("Nothing is thrown away", await http.GetStringAsync(new Uri(without.Url, "/dead-letters/letters"), Cancel), StringComparison.Ordinal);
    }
}
