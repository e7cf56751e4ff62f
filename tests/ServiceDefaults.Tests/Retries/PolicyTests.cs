namespace RealTimeMesh.ServiceDefaults.Tests.Retries;

/// <summary>Apps in any language, retried by policies in YAML.</summary>
public sealed class PolicyTests
{
    private const string Returning = "retries: [{ topic: orders.failed, of: orders, consumer: sample, return: orders.retry, tiers: [300ms, 500ms], dead: orders.dlq }]";
    private const string Invoking = "retries: [{ topic: orders.failed, of: orders, consumer: sample, path: /orders, tiers: [300ms, 500ms] }]";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_app_without_our_code_gets_events_again_by_the_return_topic_and_then_they_are_dead_letters(bool node)
    {
        await using var mesh = await PolicyMesh.StartAsync(Returning, node);
        await mesh.PublishAsync(new { id = 1, fails = 2 });
        await mesh.PublishAsync(new { id = 2, fails = 9 });
        await mesh.PublishAsync(new { id = 3 });
        await mesh.UntilAsync(async () => mesh.Given.Count == 7 && (await mesh.LettersAsync()).Count == 1);

        Assert.Equal(["1#1", "1#2", "1#3", "2#1", "2#2", "2#3", "3#1"], mesh.Given.Order(StringComparer.Ordinal));
        Assert.Contains("3#1", mesh.Given.Take(5));
        var letter = (await mesh.LettersAsync())[0];
        Assert.Equal(("transient", "attempts", 3, "sample", "orders"), (letter.Reason.Class, letter.Reason.Rule, letter.Attempts, letter.Origin.Consumer, letter.Origin.Topic));
        Assert.Equal("application/cloudevents+json", letter.ContentType);
        Assert.Contains("\"id\":2", System.Text.Encoding.UTF8.GetString(letter.Original.Span).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.NotNull(letter.TraceId);
    }

    [Fact(Timeout = 600_000)]
    public async Task Retries_that_are_killed_lose_no_event()
    {
        const int count = 60;
        await using var mesh = await PolicyMesh.StartAsync(Returning, ownProcess: true);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < count / 3; i++)
                await mesh.PublishAsync(new { id = round * 100 + i, fails = i % 4 == 3 ? 99 : 1 });
            // In the midst of moving events to a tier, and from one to the app.
            var seen = mesh.Given.Count + round * 7;
            await mesh.UntilAsync(() => Task.FromResult(mesh.Given.Count >= seen));
            await mesh.KillRetriesAsync();
            mesh.StartRetriesProcess();
        }

        await mesh.UntilAsync(async () =>
            (await mesh.LettersAsync()).Select(letter => letter.Origin.Source + System.Text.Encoding.UTF8.GetString(letter.Original.Span)).Distinct().Count() == count / 4
            && mesh.Given.Where(given => !given.EndsWith("#1", StringComparison.Ordinal)).Select(given => given.Split('#')[0]).Distinct().Count() == count);
    }

    [Fact]
    public async Task By_its_route_an_event_that_the_app_drops_is_a_dead_letter_at_once()
    {
        await using var mesh = await PolicyMesh.StartAsync(Invoking);
        await mesh.PublishAsync(new { id = 1, drop = true });
        await mesh.PublishAsync(new { id = 2, fails = 3 });
        await mesh.PublishAsync(new { id = 3, fails = 99 });
        await mesh.UntilAsync(async () => mesh.Given.Count == 2 + 4 + 4 && (await mesh.LettersAsync()).Count == 2);

        var letters = (await mesh.LettersAsync()).OrderBy(letter => letter.Reason.Class).ToList();
        Assert.Equal([("poison", "dropped", 2), ("transient", "attempts", 4)], letters.Select(letter => (letter.Reason.Class, letter.Reason.Rule, letter.Attempts)));
        Assert.Equal(2, mesh.Given.Count(given => given.StartsWith("1#", StringComparison.Ordinal)));
    }
}
