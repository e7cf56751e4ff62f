using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RealTimeMesh.Console.Tests;

/// <summary>Pages for everybody: narrow screens, the keyboard, readers of screens, eyes that need contrast.</summary>
public sealed class AccessibilityTests(Browser browser)
{
    private const string Widths = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]";

    /// <summary>What has the focus shows it: an outline of two pixels or more that is not as the ground.</summary>
    private const string FocusIsSeen = "() => { const style = getComputedStyle(document.activeElement); return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; }";

    [Theory]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 768)]
    [InlineData(ColorScheme.Dark, 1440)]
    public async Task No_page_breaks_a_rule_of_accessibility(ColorScheme scheme, int width)
    {
        Axe.SkipWhereAbsent();
        await using var mesh = await WholeMesh.StartAsync();
        await using var watched = await browser.OpenAsync(mesh.Url, Screen(scheme, width));
        await Expect(watched.Page.Locator("#status")).ToContainTextAsync("all services answering");
        List<string> faults = [];
        foreach (var path in WholeMesh.Pages)
        {
            await ShowAsync(watched.Page, mesh, path);
            faults.AddRange((await Axe.FaultsAsync(watched.Page)).Select(fault => $"{path}: {fault}"));
        }

        Assert.Empty(faults);
        Assert.Empty(watched.Faults);
    }

    [Theory]
    [InlineData(360)]
    [InlineData(768)]
    public async Task No_page_scrolls_sideways_on_a_narrow_screen_and_its_menu_is_seen_whole(int width)
    {
        await using var mesh = await WholeMesh.StartAsync();
        await using var watched = await browser.OpenAsync(mesh.Url, Screen(ColorScheme.Light, width));
        List<string> faults = [];
        foreach (var path in WholeMesh.Pages)
        {
            await ShowAsync(watched.Page, mesh, path);
            if (await watched.Page.EvaluateAsync<int[]>(Widths) is [var content, var room] && content > room)
                faults.Add($"{path} is {content} wide");
            if (await watched.Page.EvaluateAsync<int>("() => [...document.querySelectorAll('.top nav a')].filter(link => link.getBoundingClientRect().right > innerWidth).length") is > 0 and var out_)
                faults.Add($"{path}: {out_} entries of the menu are out of sight");
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task A_letter_is_found_and_mended_with_the_keyboard_alone_and_the_focus_is_always_seen()
    {
        await using var mesh = await WholeMesh.StartAsync();
        await using var watched = await browser.OpenAsync(new Uri(mesh.Url, "/dead-letters"), Screen(ColorScheme.Dark, 768));
        var page = watched.Page;
        await Expect(page.GetByTestId("letter-groups").Locator("tbody tr")).ToContainTextAsync("12");

        await TabToAsync(page, page.GetByTestId("letter-groups").GetByRole(AriaRole.Link).First);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("letters").Locator("li")).ToHaveCountAsync(12);
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Edit these…" }));
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.GetByLabel("set FIELD"));
        await page.Keyboard.TypeAsync("set delay = 5");
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Preview" }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("changes")).ToHaveTextAsync("12");
        await TabToAsync(page, page.GetByLabel("Yes, edit"));
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Edit", Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "See what came of it" })).ToBeVisibleAsync();
        Assert.Empty(watched.Faults);
    }

    private static BrowserNewPageOptions Screen(ColorScheme scheme, int width) => new() { ViewportSize = new ViewportSize { Width = width, Height = 800 }, ColorScheme = scheme };

    private static async Task ShowAsync(IPage page, WholeMesh mesh, string path)
    {
        await page.GotoAsync(new Uri(mesh.Url, path).ToString());
        if (path.Contains("/messages?", StringComparison.Ordinal))
            await Expect(page.GetByTestId("messages").Locator("tbody tr")).Not.ToHaveCountAsync(0);
    }

    private static async Task TabToAsync(IPage page, ILocator target)
    {
        await Expect(target).ToBeVisibleAsync();
        for (var i = 0; i < 120; i++)
        {
            if (await target.EvaluateAsync<bool>("target => target === document.activeElement"))
            {
                Assert.True(await page.EvaluateAsync<bool>(FocusIsSeen), "what has the focus does not show it");
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail("the keyboard does not reach it");
    }
}
