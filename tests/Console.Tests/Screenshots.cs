using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>Pictures of every page for people to look at: set <c>MESH_SCREENSHOTS</c> to a folder.</summary>
public sealed class Screenshots(Browser browser)
{
    private static readonly string[] s_pages = ["/?pipeline=flights", "/", "/views?pipeline=flights&view=delays_by_airport", "/tables", "/tables/flights/bronze.departures", "/dead-letters?pipeline=flights", "/apps"];

    [Theory]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Pages_can_be_looked_at(ColorScheme scheme, int width)
    {
        var folder = Environment.GetEnvironmentVariable("MESH_SCREENSHOTS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "set MESH_SCREENSHOTS to a folder to get pictures of the pages");
        await using var console = await ConsoleUnderTest.StartAsync();
        using var stop = new CancellationTokenSource();
        var flow = FlowAsync(console, stop.Token);
        await using var watched = await browser.OpenAsync(console.Url, new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = 900 }, ColorScheme = scheme, DeviceScaleFactor = 1.5f });
        var page = watched.Page;
        await Expect(page.Locator("#status")).ToContainTextAsync("all services answering");
        await Task.Delay(TimeSpan.FromSeconds(8), TimeProvider.System, TestContext.Current.CancellationToken);
        for (var i = 0; i < s_pages.Length; i++)
        {
            await page.GotoAsync(new Uri(console.Url, s_pages[i]).ToString());
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder!, $"{i}-{scheme}-{width}.png".ToLowerInvariant()), FullPage = i is 0 or 1 or 3 or 6 });
        }

        await stop.CancelAsync();
        await flow;
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_running_mesh_can_be_looked_at()
    {
        var (folder, address) = (Environment.GetEnvironmentVariable("MESH_SCREENSHOTS"), Environment.GetEnvironmentVariable("MESH_CONSOLE_URL"));
        Assert.SkipWhen(string.IsNullOrEmpty(folder) || string.IsNullOrEmpty(address), "set MESH_SCREENSHOTS to a folder and MESH_CONSOLE_URL to a running console to get pictures of it");
        await using var watched = await browser.OpenAsync(new Uri(address!), new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 }, ColorScheme = ColorScheme.Dark, DeviceScaleFactor = 1.5f });
        string[] pages =
        [
            .. s_pages, "/maintenance", "/tables/flights/bronze.departures/maintenance", "/tables/flights/gold.airport_daily/restore?version=0", "/tables/flights/silver.departures/changes?from=1&to=1",
            "/tables/flights/bronze.departures/vacuum", "/tables/flights/bronze.departures/optimize?z_order=origin",
            "/topics", "/topics/market.trades", "/topics/market.trades/messages?last=20", "/topics/market.trades/heat", "/topics/market.trades/settings", "/groups", "/groups/group?name=lakehouse",
            "/groups/reset?name=lakehouse&topic=market.trades&to=earliest", "/replays", "/rebalancing", "/sizing?eventsPerSecond=20000&eventBytes=400", "/contracts", "/contracts/subject?name=market.trades-value",
            "/contracts/check?name=market.trades-value", "/contracts/impact?name=market.trades-value", "/contracts/settings?name=market.trades-value", "/sources", "/audit", "/dead-letters", "/dead-letters/letters?deadLetterTopic=market.trades.dlq", "/dead-letters/letter?id=market.trades.dlq:4:0", "/dead-letters/redrive?deadLetterTopic=market.trades.dlq", "/dead-letters/alerts",
        ];
        for (var i = 0; i < pages.Length; i++)
        {
            await watched.Page.GotoAsync(new Uri(new Uri(address!), pages[i]).ToString());
            await watched.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder!, $"real-{i:00}.png"), FullPage = i == 0 });
        }

        Assert.Empty(watched.Faults);
    }

    /// <summary>Events at a lifelike, changing rate.</summary>
    private static async Task FlowAsync(ConsoleUnderTest console, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var counts = console.Mesh.Counts;
        try
        {
            for (var i = 0; await timer.WaitForNextTickAsync(cancellationToken); i++)
            {
                counts.Flow((long)Math.Max(40, 2_100 + (520 * Math.Sin(i / 9.0)) + (190 * Math.Sin(i / 2.3)) - (1_400 * Math.Exp(-i / 12.0))));
                if (counts.Acked > counts.Total - 4_000)
                    (counts.Acked, counts.Applied, counts.Stored) = (100_047, 100_000, 100_000);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Enough pictures.
        }
    }
}
