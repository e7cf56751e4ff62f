using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>The pages of a table over the lakehouse itself.</summary>
public sealed class TableActionTests(Browser browser)
{
    private const string Page = "/tables/flights/silver.departures";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task History_tells_metrics_and_leads_to_the_rows_of_a_version()
    {
        await using var lake = await RealLake.StartAsync();
        await using var console = await ConsoleUnderTest.StartAsync(lake.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, Page));
        var page = watched.Page;
        var history = page.GetByTestId("history").Locator("tbody tr");
        await Expect(history).ToHaveCountAsync(4);
        await history.First.Locator("summary").ClickAsync();
        await Expect(history.First).ToContainTextAsync("numOutputRows");
        await Expect(page.GetByTestId("preview").Locator("tbody tr")).ToHaveCountAsync(30);

        await page.Locator("tr[data-key='v1']").GetByRole(AriaRole.Link, new() { Name = "rows" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Rows as of version 1" })).ToBeVisibleAsync();
        await Expect(page.GetByTestId("preview").Locator("tbody tr")).ToHaveCountAsync(10);
        await page.GetByLabel("version", new() { Exact = true }).FillAsync("77");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "version 77" })).ToContainTextAsync("a version from 0 to 3");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task The_change_feed_is_shown_between_two_versions()
    {
        await using var lake = await RealLake.StartAsync();
        await using var console = await ConsoleUnderTest.StartAsync(lake.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, Page + "/changes"));
        var page = watched.Page;
        await page.GetByLabel("from version").FillAsync("2");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("changes").Locator("tbody tr")).ToHaveCountAsync(20);
        await Expect(page.GetByTestId("changes")).ToContainTextAsync("insert");
        await page.GotoAsync(new Uri(console.Url, Page + "/changes?from=9").ToString());
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "lakehouse" })).ToBeVisibleAsync();
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task A_restore_says_first_what_it_would_do_and_is_in_the_audit_log_after()
    {
        await using var lake = await RealLake.StartAsync();
        await using var console = await ConsoleUnderTest.StartAsync(lake.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, Page));
        var page = watched.Page;
        await page.Locator("tr[data-key='v1']").GetByRole(AriaRole.Link, new() { Name = "restore…" }).ClickAsync();
        await Expect(page.GetByTestId("restore-preview")).ToContainTextAsync("30 → 10");
        await page.GetByLabel("your name").FillAsync("Ada");
        await page.GetByLabel("reason").FillAsync("wrong rows");
        // Without the confirmation the browser does not send the form.
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore", Exact = true }).ClickAsync();
        Assert.Equal(3, (await lake.Open().GetSnapshotAsync(null, Cancel))!.Version);
        await page.GetByLabel("Yes, restore").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        await Expect(page.GetByTestId("result")).ToContainTextAsync("4");
        Assert.Equal(10, (await lake.Open().GetSnapshotAsync(null, Cancel))!.RowCount);

        await page.GotoAsync(new Uri(console.Url, "/maintenance").ToString());
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.GetByTestId("audit-log").Locator("tbody tr").First).ToContainTextAsync("Ada (console) at");
        await page.GetByTestId("audit-log").Locator("summary").First.ClickAsync();
        await Expect(page.GetByTestId("audit-log").Locator("pre").First).ToContainTextAsync("wrong rows");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Maintenance_by_hand_lists_what_it_would_delete_and_tells_what_ran()
    {
        await using var lake = await RealLake.StartAsync();
        await using var console = await ConsoleUnderTest.StartAsync(lake.Setting);
        await using var watched = await browser.OpenAsync(new Uri(console.Url, Page + "/maintenance"));
        var page = watched.Page;
        await Expect(page.GetByTestId("due")).ToContainTextAsync("vacuum");
        await page.GetByRole(AriaRole.Link, new() { Name = "Optimize…" }).ClickAsync();
        await Expect(page.GetByTestId("optimize-preview")).ToContainTextAsync("3 files");
        await page.GetByRole(AriaRole.Button, new() { Name = "Optimize", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        Assert.Single((await lake.Open().GetSnapshotAsync(null, Cancel))!.Files);

        await page.GotoAsync(new Uri(console.Url, Page + "/vacuum?hours=1").ToString());
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "retention" })).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(console.Url, Page + "/vacuum").ToString());
        await Expect(page.GetByTestId("vacuum-files").Locator("li")).ToHaveTextAsync(RealLake.Orphan);
        await page.GetByLabel("Yes, delete them").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Vacuum", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("done");
        Assert.False(File.Exists(Path.Combine(lake.TablePath, RealLake.Orphan)));

        await page.GotoAsync(new Uri(console.Url, Page + "/maintenance").ToString());
        await Expect(page.GetByTestId("runs").Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.GetByTestId("runs")).ToContainTextAsync("vacuum");
        Assert.Empty(watched.Faults);
    }

    [Fact]
    public async Task Forms_of_other_sites_are_refused_and_so_are_all_where_actions_are_off()
    {
        await using var lake = await RealLake.StartAsync();
        await using var console = await ConsoleUnderTest.StartAsync(lake.Setting);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(console, "Origin", "http://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(console, "Origin", "null"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(console, "Sec-Fetch-Site", "cross-site"));
        await using var closed = await ConsoleUnderTest.StartAsync(lake.Setting, "--MESH_CONSOLE_ACTIONS=off");
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(closed, "Sec-Fetch-Site", "same-origin"));
        Assert.Contains("MESH_CONSOLE_ACTIONS=on", await http.GetStringAsync(new Uri(closed.Url, Page + "/restore?version=1"), Cancel), StringComparison.Ordinal);
        Assert.Equal(3, (await lake.Open().GetSnapshotAsync(null, Cancel))!.Version);
        Assert.Equal(HttpStatusCode.Found, await PostAsync(console, "Origin", console.Url.GetLeftPart(UriPartial.Authority)));

        async Task<HttpStatusCode> PostAsync(ConsoleUnderTest target, string header, string value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(target.Url, Page + "/checkpoint")) { Content = new FormUrlEncodedContent([]) };
            request.Headers.Add(header, value);
            using var response = await http.SendAsync(request, Cancel);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_lakehouse_that_wants_its_token_is_told_it_and_refuses_without()
    {
        await using var lake = await RealLake.StartAsync("--MESH_ADMIN_TOKEN=secret");
        await using var without = await ConsoleUnderTest.StartAsync(lake.Setting);
        await using var with = await ConsoleUnderTest.StartAsync(lake.Setting, "--MESH_ADMIN_TOKEN=secret");
        using var http = new HttpClient();
        Assert.Contains("401", await http.GetStringAsync(new Uri(without.Url, Page + "/restore?version=1"), Cancel), StringComparison.Ordinal);
        Assert.Contains("30 → 10", WebUtility.HtmlDecode(await http.GetStringAsync(new Uri(with.Url, Page + "/restore?version=1"), Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_under_way_shows_its_progress_and_can_be_stopped()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"]).Build();
        slow.MapGet("/v1/maintenance", () => Results.Json(new
        {
            on = true, every_seconds = 300, policies = Array.Empty<object>(), runs = Array.Empty<object>(),
            running = new { pipeline = "flights", table = RealLake.Table, task = "optimize", trigger = "Ada", started_at = TimeProvider.System.GetUtcNow(), done = 25, total = 100 },
        }));
        slow.MapPost("/v1/tables/{pipeline}/{table}/optimize", async (HttpContext context) =>
        {
            if ((await new StreamReader(context.Request.Body).ReadToEndAsync(CancellationToken.None)).Contains("\"dry_run\":true", StringComparison.Ordinal))
                return Results.Json(new { commits = 1, files = 3, bytes = 1_000 });
            context.RequestAborted.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            return Results.Ok();
        });
        await slow.StartAsync(Cancel);
        await using var console = await ConsoleUnderTest.StartAsync($"--MESH_LAKEHOUSE_URL={slow.Urls.First()}");
        await using var watched = await browser.OpenAsync(new Uri(console.Url, Page + "/optimize"));
        var page = watched.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Optimize", Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("running");
        await Expect(page.GetByTestId("running")).ToContainTextAsync("25 %");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop it" }).ClickAsync();
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("cancelled");
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
        Assert.Empty(watched.Faults);
    }
}
