namespace RealTimeMesh.Components.Tests;

public sealed class OpenSubscriptionsTests
{
    [Fact]
    public async Task Closing_aborts_and_ends_all_that_are_open_and_is_done_once()
    {
        var open = new OpenSubscriptions<Ended>();
        Ended first = new(), second = new(), gone = new();
        foreach (var subscription in (Ended[])[first, second, gone])
            Assert.True(open.TryStart(subscription, started => started.IsStarted = true));
        open.Remove(gone);
        Assert.False(open.Any(subscription => subscription == gone));

        Assert.True(await open.TryCloseAsync());

        Assert.True(open.IsClosed);
        Assert.True(open.Aborted.IsCancellationRequested);
        Assert.Equal((1, 1, 0), (first.Ends, second.Ends, gone.Ends));
        Assert.False(await open.TryCloseAsync());
        Assert.Equal(1, first.Ends);
    }

    [Fact]
    public async Task Nothing_starts_once_closed()
    {
        var open = new OpenSubscriptions<Ended>();
        await open.TryCloseAsync();
        var late = new Ended();

        Assert.False(open.TryStart(late, started => started.IsStarted = true));

        Assert.False(late.IsStarted);
    }

    [Fact]
    public void A_subscription_that_could_hold_nothing_is_refused()
    {
        var options = new SubscribeOptions { Topic = "t", Group = "g" };
        BrokerChecks.Subscription(options);
        Assert.Throws<BrokerException>(() => BrokerChecks.Subscription(options with { Topic = "" }));
        Assert.Throws<ArgumentException>(() => BrokerChecks.Subscription(options with { Group = "" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => BrokerChecks.Subscription(options with { MaxBatchCount = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => BrokerChecks.Subscription(options with { MaxBatchBytes = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => BrokerChecks.Subscription(options with { MaxBatchWait = TimeSpan.FromTicks(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => BrokerChecks.Subscription(options with { RetryDelay = TimeSpan.FromTicks(-1) }));
    }

    private sealed class Ended : IAsyncDisposable
    {
        public bool IsStarted { get; set; }

        public int Ends { get; private set; }

        public ValueTask DisposeAsync()
        {
            Ends++;
            return ValueTask.CompletedTask;
        }
    }
}
