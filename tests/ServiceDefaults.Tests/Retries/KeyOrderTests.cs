using RealTimeMesh.ServiceDefaults.Retries;

namespace RealTimeMesh.ServiceDefaults.Tests.Retries;

public sealed class KeyOrderTests
{
    private static readonly RetryOptions s_ordered = new() { KeepKeyOrder = true };

    [Fact]
    public async Task Later_events_of_a_key_that_waits_follow_it_and_those_of_others_do_not()
    {
        var down = true;
        using var topics = new VirtualTopics(s_ordered);
        topics.Say = text => down && text.StartsWith('a') ? Handled.Transient("down") : Handled.Success;
        topics.Publish("a", "a1", "a2");
        topics.Publish("d", "d1");
        await topics.RunAsync(TimeSpan.FromSeconds(5));
        topics.Publish("a", "a3");
        topics.Publish("d", "d2");
        await topics.RunAsync(TimeSpan.FromSeconds(60));
        down = false;
        topics.Publish("a", "a4");
        await topics.RunAsync(TimeSpan.FromMinutes(30));

        Assert.Equal(["a1", "d1", "d2", "a1", "a1", "a2", "a3", "a4"], topics.Tried.Select(tried => tried.Text));
        Assert.Empty(topics.Letters);
        Assert.Equal(0, topics.Waits);
    }

    [Fact]
    public async Task After_a_dead_letter_the_others_of_its_key_go_on()
    {
        using var topics = new VirtualTopics(s_ordered with { Tiers = [TimeSpan.FromSeconds(10)] }) { Say = text => text == "a1" ? Handled.Transient("never") : Handled.Success };
        topics.Publish("a", "a1", "a2", "a3");
        await topics.RunAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(["a1", "a1", "a2", "a3"], topics.Tried.Select(tried => tried.Text));
        Assert.Equal("a1"u8.ToArray(), Assert.Single(topics.Letters).Original.ToArray());
        Assert.Equal(0, topics.Waits);
    }

    [Fact]
    public async Task A_key_with_too_many_waiting_events_holds_its_partition_until_there_is_room()
    {
        var down = true;
        using var topics = new VirtualTopics(s_ordered with { MaxWaitingOfKey = 3 });
        topics.Say = _ => down ? Handled.Transient("down") : Handled.Success;
        topics.Publish("a", "1", "2", "3", "4", "5");
        await topics.RunAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(2, topics.Depth(VirtualTopics.Topic));
        down = false;
        await topics.RunAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(["1", "1", "2", "3", "4", "5"], topics.Tried.Select(tried => tried.Text));
    }

    [Fact]
    public async Task A_lost_store_loses_no_event()
    {
        var down = true;
        using var topics = new VirtualTopics(s_ordered);
        topics.Say = _ => down ? Handled.Transient("down") : Handled.Success;
        topics.Publish("a", "1", "2", "3");
        await topics.RunAsync(TimeSpan.FromSeconds(5));
        topics.LoseStore();
        down = false;
        await topics.RunAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(["1", "2", "3"], topics.Tried.Skip(1).Select(tried => tried.Text).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Whatever_fails_and_whenever_the_process_dies_each_key_keeps_its_order_and_nothing_is_lost(int seed)
    {
        var random = new Random(seed);
        var failing = new Dictionary<string, int>();
        var ended = new List<string>();
        using var topics = new VirtualTopics(s_ordered with { Tiers = [TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(20)] }) { MaxBatch = 7 };
        (bool, Exception)? Crash()
        {
            if (random.Next(9) > 0)
                return null;
            if (random.Next(2) == 0)
                topics.Kill();
            return (random.Next(2) == 0, new IOException("broken"));
        }

        topics.OnPublish = _ => Crash();
        topics.OnSave = Crash;
        topics.Say = text =>
        {
            if (!failing.TryGetValue(text, out var left))
                left = random.Next(3) == 0 ? random.Next(1, 6) : 0;
            failing[text] = left - 1;
            if (left > 0)
                return Handled.Transient("later");
            ended.Add(text);
            return Handled.Success;
        };
        string[] keys = ["a", "b", "c", "d", "e"];
        var next = keys.ToDictionary(key => key, _ => 0);
        for (var i = 0; i < 60; i++)
        {
            foreach (var key in keys.Where(_ => random.Next(2) == 0))
                topics.Publish(key, $"{key}:{next[key]++:D3}");
            await topics.RunAsync(TimeSpan.FromSeconds(1));
        }

        topics.OnPublish = _ => null;
        topics.OnSave = () => null;
        await topics.RunAsync(TimeSpan.FromMinutes(20), step: 2);
        Assert.Equal(0, topics.Depth(VirtualTopics.Topic) + topics.Tiers.Sum(tier => topics.Depth(tier.Topic)));
        Assert.Equal(0, topics.Waits);
        var given = topics.Letters.Select(letter => System.Text.Encoding.UTF8.GetString(letter.Original.Span)).ToList();
        foreach (var key in keys)
        {
            var own = ended.Where(text => text.StartsWith(key, StringComparison.Ordinal)).ToList();
            Assert.Equal(Enumerable.Range(0, next[key]).Select(n => $"{key}:{n:D3}"), own.Concat(given.Where(text => text.StartsWith(key, StringComparison.Ordinal))).Distinct().Order(StringComparer.Ordinal));
            // A redelivered event may be handled again, but never an earlier one after a later one's first time.
            var firsts = own.Distinct().ToList();
            Assert.Equal(firsts.Order(StringComparer.Ordinal), firsts);
        }
    }
}
