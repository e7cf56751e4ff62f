using RealTimeMesh.ServiceDefaults.Retries;

namespace RealTimeMesh.ServiceDefaults.Tests.Retries;

public sealed class TierTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task An_event_is_tried_again_after_each_tiers_delay_and_then_is_a_dead_letter_with_all_errors()
    {
        using var topics = new VirtualTopics(new RetryOptions());
        var attempt = 0;
        topics.Say = _ => Handled.Transient($"the ledger is locked, try {++attempt}");
        topics.Publish("k", "a");
        await topics.RunAsync(Hour);

        Assert.Equal([0d, 10, 70, 670], topics.Tried.Select(tried => tried.Second));
        var letter = Assert.Single(topics.Letters);
        Assert.Equal(("transient", "attempts", 4, "billing"), (letter.Reason.Class, letter.Reason.Rule, letter.Attempts, letter.Origin.Consumer));
        Assert.Equal((VirtualTopics.Topic, 0L, "k", "/shop"), (letter.Origin.Topic, letter.Origin.Offset, letter.Origin.Key, letter.Origin.Source));
        Assert.Equal("4 attempts failed: the ledger is locked, try 4 | the ledger is locked, try 3 | the ledger is locked, try 2 | the ledger is locked, try 1", letter.Reason.Message);
        Assert.Equal(("text/plain", TimeSpan.FromSeconds(670)), (letter.ContentType, letter.FailedAt - letter.ReceivedAt));
        Assert.DoesNotContain(letter.Headers!.Keys, name => name.StartsWith("mesh-retry", StringComparison.Ordinal) || name.StartsWith("__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Events_behind_one_that_waits_are_handled_meanwhile()
    {
        using var topics = new VirtualTopics(new RetryOptions()) { Say = text => text == "a" ? Handled.Transient("later") : Handled.Success };
        topics.Publish("k", "a", "b", "c");
        await topics.PumpAsync();
        Assert.Equal(["a", "b", "c"], topics.Tried.Select(tried => tried.Text));
        topics.Say = _ => Handled.Success;
        await topics.RunAsync(Hour);
        Assert.Equal(["a", "b", "c", "a"], topics.Tried.Select(tried => tried.Text));
        Assert.Equal(10, topics.Tried[^1].Second);
        Assert.Empty(topics.Letters);
    }

    [Fact]
    public async Task Poison_is_a_dead_letter_at_once_from_the_topic_and_from_a_tier()
    {
        using var topics = new VirtualTopics(new RetryOptions());
        var tries = 0;
        topics.Say = text => text switch
        {
            "bad" => Handled.Poison("unknown_currency", "found 'XXX'"),
            "worse" => throw new FormatException("no number"),
            "later bad" when ++tries == 2 => Handled.Poison("closed", "the account is closed"),
            _ => Handled.Transient("locked"),
        };
        topics.Publish("k", "bad", "worse", "later bad");
        await topics.RunAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["unknown_currency", "exception", "closed"], topics.Letters.Select(letter => letter.Reason.Rule));
        Assert.Equal([1, 1, 2], topics.Letters.Select(letter => letter.Attempts));
        Assert.All(topics.Letters, letter => Assert.Equal("poison", letter.Reason.Class));
        Assert.Equal("FormatException", topics.Letters[1].Reason.Found);
    }

    [Fact]
    public async Task Without_tiers_a_transient_failure_is_a_dead_letter_at_once()
    {
        using var topics = new VirtualTopics(new RetryOptions { Tiers = [] }) { Say = _ => Handled.Transient("no") };
        topics.Publish("k", "a");
        await topics.PumpAsync();
        Assert.Equal(("transient", 1), (Assert.Single(topics.Letters).Reason.Class, topics.Letters[0].Attempts));
    }

    [Fact]
    public async Task An_event_that_cannot_be_put_elsewhere_is_not_acknowledged()
    {
        using var topics = new VirtualTopics(new RetryOptions()) { Say = text => text == "a" ? Handled.Transient("no") : Handled.Poison("r", "m"), OnPublish = _ => (false, new IOException("down")) };
        topics.Publish("k", "a", "b");
        await topics.PumpAsync();
        await topics.PumpAsync();
        Assert.Equal((2, 0, 0), (topics.Depth(VirtualTopics.Topic), topics.Depth(topics.Tiers[0].Topic), topics.Letters.Count));
        topics.OnPublish = _ => null;
        await topics.PumpAsync();
        Assert.Equal((0, 1, 1), (topics.Depth(VirtualTopics.Topic), topics.Depth(topics.Tiers[0].Topic), topics.Letters.Count));
    }

    [Fact]
    public async Task A_broker_that_repeats_whole_batches_repeats_no_handling()
    {
        using var topics = new VirtualTopics(new RetryOptions { Tiers = [TimeSpan.FromSeconds(5)] }) { RedeliversWholeBatches = true, Say = _ => Handled.Transient("no") };
        for (var i = 0; i < 20; i++)
        {
            topics.Publish("k", $"{i}");
            await topics.RunAsync(TimeSpan.FromSeconds(1));
        }

        await topics.RunAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(40, topics.Tried.Count);
        Assert.Equal(20, topics.Letters.Select(letter => letter.Origin.Offset).Distinct().Count());
        Assert.Equal(20, topics.Letters.Count);
        Assert.Equal(0, topics.Depth(topics.Tiers[0].Topic));
    }

    [Fact]
    public async Task A_hundred_thousand_failures_pass_through_the_tiers_and_leave_nothing_behind()
    {
        const int count = 100_000;
        using var topics = new VirtualTopics(new RetryOptions { Tiers = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)] }) { MaxBatch = 1_000 };
        var failures = new Dictionary<string, int>();
        topics.Say = text => (failures[text] = failures.GetValueOrDefault(text) + 1) <= int.Parse(text) % 4 ? Handled.Transient("busy") : Handled.Success;
        for (var i = 0; i < count; i++)
            topics.Publish($"k{i % 1_000}", $"{i}");
        await topics.RunAsync(TimeSpan.FromMinutes(3), step: 5);
        Assert.Equal(count / 4, topics.Letters.Count);
        Assert.Equal(count / 4 * (1 + 2 + 3 + 3), topics.Tried.Count);
        Assert.Equal(0, topics.Depth(VirtualTopics.Topic) + topics.Tiers.Sum(tier => topics.Depth(tier.Topic)));
    }

    [Theory]
    [InlineData(10_000, "10s")]
    [InlineData(60_000, "1m")]
    [InlineData(90_000, "90s")]
    [InlineData(7_200_000, "2h")]
    [InlineData(250, "250ms")]
    [InlineData(0, "0s")]
    public void Tiers_are_named_by_their_delay(int milliseconds, string text) => Assert.Equal(text, RetryTier.Text(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Tiers_of_one_length_have_topics_of_their_own_and_impossible_delays_are_refused()
    {
        Assert.Equal(["t.retry.c.1s", "t.retry.c.1s.1"], RetryTier.Of("t", "c", [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)]).Select(tier => tier.Topic));
        Assert.Throws<ArgumentException>(() => RetryTier.Of("t", "c", [TimeSpan.FromSeconds(-1)]));
    }
}
