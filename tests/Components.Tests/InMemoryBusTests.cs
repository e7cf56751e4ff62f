using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace RealTimeMesh.Components.Tests;

public sealed class InMemoryBusTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private IPubSubBroker _bus = null!;

    public async ValueTask InitializeAsync() =>
        _bus = (IPubSubBroker)await new InMemoryPubSubType().StartAsync(new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory" }, new ComponentContext("app", "", _time), TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _bus.DisposeAsync();

    [Fact]
    public async Task Every_subscription_of_a_topic_gets_a_copy_whatever_its_group()
    {
        var (first, second, other) = (new Inbox(), new Inbox(), new Inbox());
        await SubscribeAsync("t", first);
        await SubscribeAsync("t", second);
        await SubscribeAsync("u", other);
        await PublishAsync("t", "a");
        Assert.Equal("a", await first.NextAsync());
        Assert.Equal("a", await second.NextAsync());
        Assert.Empty(other.Seen);
    }

    [Fact]
    public async Task A_subscription_gets_nothing_that_was_published_before_it()
    {
        await PublishAsync("t", "before");
        var inbox = new Inbox();
        await SubscribeAsync("t", inbox);
        await PublishAsync("t", "after");
        Assert.Equal("after", await inbox.NextAsync());
    }

    [Fact]
    public async Task Publishing_waits_until_the_subscriptions_previous_delivery_has_ended()
    {
        var inbox = new Inbox { Hold = new TaskCompletionSource() };
        await SubscribeAsync("t", inbox);
        await PublishAsync("t", "a");
        Assert.Equal("a", await inbox.NextAsync());
        var second = PublishAsync("t", "b");
        Assert.False(second.IsCompleted);
        inbox.Hold.SetResult();
        await second.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal("b", await inbox.NextAsync());
        Assert.Equal(1, inbox.MostAtOnce);
    }

    [Fact]
    public async Task A_publish_that_waits_ends_when_it_is_cancelled()
    {
        var inbox = new Inbox { Hold = new TaskCompletionSource() };
        await SubscribeAsync("t", inbox);
        await PublishAsync("t", "a");
        using var cancel = new CancellationTokenSource();
        var second = _bus.PublishAsync("t", [Message("b")], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        inbox.Hold.SetResult();
    }

    [Fact]
    public async Task A_slow_subscription_does_not_hold_back_other_topics()
    {
        var (slow, quick) = (new Inbox { Hold = new TaskCompletionSource() }, new Inbox());
        await SubscribeAsync("slow", slow);
        await SubscribeAsync("quick", quick);
        await PublishAsync("slow", "a");
        var waiting = PublishAsync("slow", "b");
        for (var i = 0; i < 10; i++)
            await PublishAsync("quick", $"{i}");
        for (var i = 0; i < 10; i++)
            Assert.Equal($"{i}", await quick.NextAsync());
        Assert.False(waiting.IsCompleted);
        slow.Hold.SetResult();
        await waiting.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("refuse")]
    [InlineData("throw")]
    public async Task A_message_that_the_handler_does_not_take_is_not_delivered_again(string failure)
    {
        var inbox = new Inbox { Failure = failure };
        await SubscribeAsync("t", inbox);
        await PublishAsync("t", "a");
        await PublishAsync("t", "b");
        await PublishAsync("t", "c");
        Assert.Equal(["a", "b", "c"], [await inbox.NextAsync(), await inbox.NextAsync(), await inbox.NextAsync()]);
    }

    [Fact]
    public async Task A_topic_that_ends_in_a_star_takes_every_longer_topic_with_its_beginning()
    {
        var inbox = new Inbox();
        await SubscribeAsync("abc*", inbox);
        foreach (var topic in (string[])["abc", "ab", "xabcd", "abcd", "abc*"])
            await PublishAsync(topic, topic);
        Assert.Equal(["abcd", "abc*"], [await inbox.NextAsync(), await inbox.NextAsync()]);
        Assert.Contains("SUBSCRIBE_WILDCARDS", _bus.Capabilities.Names);
    }

    [Fact]
    public async Task A_bulk_subscription_gets_each_message_alone_after_its_whole_window()
    {
        var inbox = new Inbox();
        await SubscribeAsync("t", inbox, 100, TimeSpan.FromSeconds(1));
        await PublishAsync("t", "a");
        var second = PublishAsync("t", "b");
        _time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.Empty(inbox.Seen);
        await AdvanceUntilAsync(() => inbox.Seen.Count == 1);
        await second.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
        await AdvanceUntilAsync(() => inbox.Seen.Count == 2);
        Assert.Equal(["a", "b"], inbox.Seen);
    }

    [Fact]
    public async Task Leaving_waits_for_the_running_handler_and_lets_waiting_publishers_go()
    {
        var inbox = new Inbox { Hold = new TaskCompletionSource() };
        var subscription = await SubscribeAsync("t", inbox);
        await PublishAsync("t", "a");
        await inbox.NextAsync();
        var waiting = PublishAsync("t", "b");
        var left = subscription.DisposeAsync().AsTask();
        Assert.False(left.IsCompleted);
        inbox.Hold.SetResult();
        await left.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
        await waiting.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(["a"], inbox.Seen);
    }

    [Fact]
    public async Task The_publishers_memory_is_its_own_again_when_the_publish_has_returned()
    {
        var inbox = new Inbox { Hold = new TaskCompletionSource() };
        await SubscribeAsync("t", inbox, 2, TimeSpan.FromSeconds(1));
        var bytes = "good"u8.ToArray();
        await _bus.PublishAsync("t", [new OutgoingMessage(null, bytes, default)], TestContext.Current.CancellationToken);
        bytes.AsSpan().Fill((byte)'x');
        await AdvanceUntilAsync(() => inbox.Seen.Count == 1);
        Assert.Equal(["good"], inbox.Seen);
        inbox.Hold.SetResult();
    }

    [Fact]
    public async Task A_closed_bus_refuses_to_publish()
    {
        await _bus.DisposeAsync();
        var refused = await Assert.ThrowsAsync<BrokerException>(() => _bus.PublishAsync("t", [Message("a")], TestContext.Current.CancellationToken));
        Assert.Equal("component is closed", refused.Message);
    }

    private static OutgoingMessage Message(string text) => new(null, Encoding.UTF8.GetBytes(text), default);

    private Task PublishAsync(string topic, string text) => _bus.PublishAsync(topic, [Message(text)], TestContext.Current.CancellationToken);

    private Task<IAsyncDisposable> SubscribeAsync(string topic, Inbox inbox, int count = 1, TimeSpan wait = default) =>
        _bus.SubscribeAsync(new SubscribeOptions { Topic = topic, Group = "g", MaxBatchCount = count, MaxBatchWait = wait }, inbox.HandleAsync, TestContext.Current.CancellationToken);

    private async Task AdvanceUntilAsync(Func<bool> happened)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!happened())
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);
        }
    }

    private sealed class Inbox
    {
        private readonly BlockingCollection<string> _arrived = [];
        private int _running;

        public TaskCompletionSource Hold { get; init; } = Done();

        public string Failure { get; init; } = "";

        public ConcurrentQueue<string> Seen { get; } = new();

        public int MostAtOnce { get; private set; }

        public async Task<DeliveryResult> HandleAsync(DeliveryBatch batch, CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
            Seen.Enqueue(Encoding.UTF8.GetString(Assert.Single(batch.Messages).Value.Span));
            _arrived.Add(Seen.Last(), cancellationToken);
            await Hold.Task;
            Interlocked.Decrement(ref _running);
            return Failure switch
            {
                "throw" => throw new InvalidOperationException("the handler's own failure"),
                "refuse" => DeliveryResult.RefuseAll(1),
                _ => DeliveryResult.Acknowledged,
            };
        }

        public Task<string> NextAsync() =>
            Task.Run(() => _arrived.TryTake(out var text, Limit) ? text : throw new TimeoutException("no message arrived"), TestContext.Current.CancellationToken);

        private static TaskCompletionSource Done()
        {
            var done = new TaskCompletionSource();
            done.SetResult();
            return done;
        }
    }
}
