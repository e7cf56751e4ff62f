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
