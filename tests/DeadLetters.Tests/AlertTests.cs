using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Alerts;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Tests;

public sealed class AlertTests
{
    [Fact]
    public void An_alert_is_raised_once_and_cleared_when_the_rate_has_been_low_for_a_while()
    {
        var judge = new AlertJudge([new AlertRule { Name = "r", PerMinute = 20, Rise = null, ClearAt = 0.5, ClearMinutes = 2 }]);
        Assert.Empty(judge.Judge([Group(95, 95)], At(0)));
        var raised = Assert.Single(judge.Judge([Group(60, 60, "a"), Group(40, 40, "b")], At(1)));
        Assert.Equal(("raised", "t.dlq", null, 20, 20), (raised.Status, raised.Topic, raised.Fingerprint, raised.RatePerMinute, raised.Threshold));
        // Around the threshold, and shortly below: nothing is told.
        Assert.Empty(judge.Judge([Group(90, 90)], At(2)));
        Assert.Empty(judge.Judge([Group(110, 110)], At(3)));
        Assert.Empty(judge.Judge([Group(40, 110)], At(4)));
        Assert.Empty(judge.Judge([Group(60, 110)], At(5)));
        Assert.Empty(judge.Judge([Group(40, 110)], At(6)));
        Assert.Empty(judge.Judge([Group(40, 110)], At(7)));
        Assert.Equal("cleared", Assert.Single(judge.Judge([Group(40, 110)], At(8))).Status);
        Assert.Empty(judge.Active);
    }

    [Fact]
    public void A_rise_against_the_hour_before_is_told_for_each_cause_that_a_rule_is_for()
    {
        var judge = new AlertJudge([new AlertRule { Name = "r", Scope = "group", Topics = "t.*", PerMinute = null, Rise = 4, Least = 2, ClearMinutes = 0 }]);
        // 3 a minute after 1 a minute is no rise of four; 5 a minute is.
        Assert.Empty(judge.Judge([Group(15, 70, "a"), Group(500, 500, "c", "other.dlq")], At(0)));
        var raised = Assert.Single(judge.Judge([Group(25, 80, "a"), Group(5, 5, "b")], At(1)));
        Assert.Equal(("a", 4), (raised.Fingerprint, raised.Threshold));
        Assert.Equal("cleared", Assert.Single(judge.Judge([], At(2))).Status);
    }

    [Fact]
    public async Task An_alert_is_listed_and_told_to_a_webhook_that_fails_at_first()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var hook = await Webhook.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            told.Enqueue(await reader.ReadToEndAsync());
            context.Response.StatusCode = told.Count == 1 ? 500 : 200;
        });
        var options = new DeadLetterOptions
        {
            TopicsEvery = TimeSpan.FromMilliseconds(50),
            Alerts = new AlertOptions { Rules = [new AlertRule { Name = "few", PerMinute = 1 }], Webhooks = [hook.Url], Every = TimeSpan.FromMilliseconds(50) },
        };
        await using var mesh = await LettersMesh.StartAsync(options: options);
        await mesh.FailAsync(Enumerable.Range(0, 10).Select(n => Records.Record("{}") with { FailedAt = TimeProvider.System.GetUtcNow() }));
        await LettersMesh.UntilAsync(() => Task.FromResult(told.Count >= 2));
        Assert.All(told, body => Assert.Contains("\"rule\":\"few\"", body, StringComparison.Ordinal));
        var active = (await mesh.GetAsync("/v1/alerts")).GetProperty("active")[0];
        Assert.Equal(("market.trades.dlq", 2.0), (active.GetProperty("topic").GetString()!, active.GetProperty("ratePerMinute").GetDouble()));
    }

    [Fact]
    public void Wrong_settings_are_all_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """[{"name":"a","scope":"all","perMinute":0,"rise":1},{"name":"a"}]""");
            var faults = Assert.Throws<ConfigurationException>(() => DeadLetterOptions.From(name => name switch { "MESH_DEAD_LETTER_ALERTS" => file, "MESH_DEAD_LETTER_WEBHOOK" => "ftp://x", "MESH_DEAD_LETTER_DAYS" => "-1", "MESH_DEAD_LETTER_RESUME" => "perhaps", _ => null })).Faults;
            Assert.Equal(["MESH_DEAD_LETTER_DAYS", "MESH_DEAD_LETTER_RESUME", "a.scope", "a.perMinute", "a.rise", "name", "MESH_DEAD_LETTER_WEBHOOK"], faults.Select(fault => fault.Element));
            File.WriteAllText(file, """[{"name":"a","perMinutes":1}]""");
            Assert.Contains("perMinutes", Assert.Throws<ConfigurationException>(() => DeadLetterOptions.From(name => name == "MESH_DEAD_LETTER_ALERTS" ? file : null)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static DateTimeOffset At(int minutes) => Records.Noon.AddMinutes(minutes);

    private static LetterGroup Group(long five, long hour, string fingerprint = "a", string topic = "t.dlq") =>
        new(1, fingerprint, topic, "t", "c", "poison", "r", null, null, null, Records.Noon, Records.Noon, new StateCounts(hour, 0, 0, 0), five, hour);
}
