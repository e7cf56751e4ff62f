using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace RealTimeMesh.Console.Tests;

/// <summary>Debian's Chromium, one for all tests.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
            return;
        _playwright = await Playwright.CreateAsync();
        // A loaded machine is slow to answer, not wrong.
        Assertions.SetDefaultExpectTimeout(90_000);
        _playwright.Selectors.SetTestIdAttribute("data-test");
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A page that notes everything that goes wrong in it.</summary>
    internal async Task<WatchedPage> OpenAsync(Uri address, BrowserNewPageOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, $"{Executable} is absent: apt-get install chromium");
        var page = await _browser!.NewPageAsync(options ?? new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        page.SetDefaultTimeout(90_000);
        var watched = new WatchedPage(page);
        await page.GotoAsync(address.ToString());
        return watched;
    }
}

/// <summary>A page and its faults: console errors, exceptions, failed requests.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = new();

    public WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _faults.Enqueue($"console {message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _faults.Enqueue($"exception: {error}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                _faults.Enqueue($"{response.Status} {response.Url}");
        };
        page.RequestFailed += (_, request) =>
        {
            // Leaving a page ends its live connection and a reading that is under way.
            if (request.Failure != "net::ERR_ABORTED")
                _faults.Enqueue($"failed {request.Url}: {request.Failure}");
        };
    }

    public IPage Page { get; }

    public IReadOnlyCollection<string> Faults => _faults;

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
