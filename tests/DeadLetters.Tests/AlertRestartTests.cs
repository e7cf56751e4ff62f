using System.Collections.Concurrent;
using System.Text.Json;
using RealTimeMesh.DeadLetters.Alerts;

namespace RealTimeMesh.DeadLetters.Tests;

public sealed class AlertRestartTests : IDisposable
{
    private static readonly AlertRule Few = new() { Name = "few", PerMinute = 1, Rise = null };
    private static readonly AlertRule Second = new() { Name = "second", PerMinute = 1, Rise = null };

    private readonly string _folder = Directory.CreateTempSubdirectory("letters-").FullName;
    private readonly ConcurrentQueue<(string Rule, string Status, string Id)> _heard = new();

    /// <summary>What was told: an alert whose telling the end of a process cut short is told again under its id.</summary>
    private IReadOnlyList<(string Rule, string Status, string Id)> Told => [.. _heard.Distinct()];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_restart_neither_raises_an_alert_again_nor_forgets_that_it_is_over()
    {
        await using var hook = await Webhook.StartAsync(HearAsync);
        await using (var mesh = await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Few)))
        {
            await FailAsync(mesh);
            await LettersMesh.UntilAsync(() => Task.FromResult(Told.Count == 1));
        }

        var id = Assert.Single(Told).Id;
        // Were the first raised again, it would be told before the second.
        await using (var mesh = await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Few, Second)))
        {
            await LettersMesh.UntilAsync(() => Task.FromResult(Told.Count == 2));
            Assert.Equal([("few", "raised"), ("second", "raised")], Told.Select(told => (told.Rule, told.Status)));
            Assert.Equal(["few", "second"], (await mesh.GetAsync("/v1/alerts")).GetProperty("active").EnumerateArray().Select(alert => alert.GetProperty("rule").GetString()).Order());
        }

        // Over the moment that nobody looked.
        await using (var mesh = await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Few with { Topics = "other.*" }, Second with { PerMinute = 1_000_000, Rise = null })))
        {
            await LettersMesh.UntilAsync(() => Task.FromResult(Told.Count == 3));
            Assert.Equal(("few", "cleared", id), Told[^1]);
            Assert.Equal("second", Assert.Single((await mesh.GetAsync("/v1/alerts")).GetProperty("active").EnumerateArray()).GetProperty("rule").GetString());
        }

        await using var last = await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Second));
        await LettersMesh.UntilAsync(async () => (await last.GetAsync("/v1/alerts")).GetProperty("recent").GetArrayLength() == 1);
    }

    [Fact]
    public async Task An_alert_that_the_end_of_the_process_kept_from_a_webhook_is_told_by_the_next()
    {
        var (asked, answers) = (0, false);
        await using var hook = await Webhook.StartAsync(async context =>
        {
            Interlocked.Increment(ref asked);
            if (!Volatile.Read(ref answers))
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            await HearAsync(context);
        });
        await using (var mesh = await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Few)))
        {
            await FailAsync(mesh);
            await LettersMesh.UntilAsync(() => Task.FromResult(Volatile.Read(ref asked) == 1));
        }

        Volatile.Write(ref answers, true);
        await using (await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Few)))
            await LettersMesh.UntilAsync(() => Task.FromResult(Told.Count == 1));
        await using (await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Few, Second)))
            await LettersMesh.UntilAsync(() => Task.FromResult(Told.Count == 2));
        Assert.Equal([("few", "raised"), ("second", "raised")], Told.Select(told => (told.Rule, told.Status)));
    }

    [Fact]
    public async Task What_is_kept_of_alerts_and_cannot_be_read_is_begun_anew()
    {
        await using var hook = await Webhook.StartAsync(HearAsync);
        await using (var mesh = await LettersMesh.StartAsync(_folder))
        {
            await FailAsync(mesh);
            await mesh.Store.SaveNoteAsync("alerts", "{ torn", default);
        }

        await using (await LettersMesh.StartAsync(_folder, options: Options(hook.Url, Few)))
            await LettersMesh.UntilAsync(() => Task.FromResult(Told.Count == 1));
    }

    private static DeadLetterOptions Options(Uri hook, params AlertRule[] rules) => new()
    {
        TopicsEvery = TimeSpan.FromMilliseconds(50),
        Alerts = new AlertOptions { Rules = rules, Webhooks = [hook], Every = TimeSpan.FromMilliseconds(50), WebhookTimeout = TimeSpan.FromMinutes(5) },
    };

    /// <summary>Enough that the rate of five minutes stays above the threshold for as long as the test may take.</summary>
    private static Task FailAsync(LettersMesh mesh) => mesh.FailAsync(Enumerable.Range(0, 50).Select(_ => Records.Record("{}") with { FailedAt = TimeProvider.System.GetUtcNow() }));

    private async Task HearAsync(Microsoft.AspNetCore.Http.HttpContext context)
    {
        var alert = await JsonDocument.ParseAsync(context.Request.Body);
        _heard.Enqueue((alert.RootElement.GetProperty("rule").GetString()!, alert.RootElement.GetProperty("status").GetString()!, alert.RootElement.GetProperty("id").GetString()!));
    }
}
