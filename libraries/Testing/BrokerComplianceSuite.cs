using System.Text;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>
/// What every <see cref="IPubSubBroker"/> must do. Each implementation derives a test class from it. Where the broker
/// has no offsets (<see cref="PubSubCapabilities.Offsets"/>), positions must be in order, and a topic is one partition.
/// </summary>
public abstract partial class BrokerComplianceSuite : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];

    /// <summary>Starts an empty broker whose topics get that many partitions.</summary>
    protected abstract Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time);

    /// <summary>Bytes of a value that is large for the broker. Default 5 MiB.</summary>
    protected virtual int LargeValueBytes => 5 * 1024 * 1024;

    /// <summary>Called before a topic is used first: brokers whose topics are created by their operator get it here.</summary>
    protected virtual Task EnsureTopicAsync(IPubSubBroker broker, string topic) => Task.CompletedTask;

    /// <summary>Waits until members have shared out the partitions, where the broker does so in the background.</summary>
    protected virtual Task SettleAsync(int partitions, params IAsyncDisposable[] members) => Task.CompletedTask;

    /// <summary>A topic's name as hard as the broker allows.</summary>
    protected virtual string OddTopic => "a ✈";

    /// <summary>Messages bear the time of the clock that was injected; false where a server has its own.</summary>
    protected virtual bool StampsWithInjectedTime => true;

    /// <summary>Headers in which the broker repeats the key of a message.</summary>
    protected virtual IReadOnlyCollection<string> KeyHeaders => [];

    public virtual ValueTask InitializeAsync() => default;

    public virtual async ValueTask DisposeAsync()
    {
        for (var i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Offsets_are_consecutive_from_zero_and_messages_keep_their_order()
    {
        var broker = await StartAsync(1);
        for (var i = 0; i < 10; i++)
            await PublishAsync(broker, "t", Enumerable.Range(i * 10, 10).Select(n => Message("k", $"{n}")));
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 7 });
        await recorder.WaitForMessagesAsync(100);
        AssertOffsets(broker, recorder.Messages);
        Assert.Equal(Enumerable.Range(0, 100).Select(n => $"{n}"), recorder.Messages.Select(Text));
        Assert.All(recorder.Batches, b => Assert.Equal(("t", broker.Capabilities.Offsets ? 0 : -1), (b.Topic, b.Partition)));
    }

    [Fact]
    public async Task Messages_of_a_key_stay_in_one_partition_and_in_order()
    {
        var broker = await StartAsync(4);
        for (var i = 0; i < 50; i++)
            await PublishAsync(broker, "t", Enumerable.Range(0, 10).Select(k => Message($"key-{k}", $"{i}")));
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 100 });
        await recorder.WaitForMessagesAsync(500);
        foreach (var key in Enumerable.Range(0, 10).Select(k => $"key-{k}"))
        {
            var batches = recorder.Batches.Where(b => b.Messages.Any(m => m.Key == key)).ToArray();
            Assert.Equal([broker.Capabilities.Offsets ? Murmur2.Partition(key, 4) : -1], batches.Select(b => b.Partition).Distinct());
            Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}"), batches.SelectMany(b => b.Messages).Where(m => m.Key == key).Select(Text));
        }
    }

    [Fact]
    public async Task Messages_without_key_are_spread_over_all_partitions()
    {
        var broker = await StartAsync(4);
        SkipWithoutOffsets(broker);
        await PublishAsync(broker, "t", Enumerable.Range(0, 40).Select(n => Message(null, $"{n}")));
        var watermarks = await broker.GetWatermarksAsync("t", default);
        Assert.Equal([10L, 10L, 10L, 10L], watermarks.Select(w => w.High));
    }

    [Fact]
    public async Task Key_value_headers_and_time_arrive_as_published()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2001, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var broker = await StartAsync(1, time);
        var binary = Enumerable.Range(0, 256).Select(b => (byte)b).ToArray();
        var headers = MessageHeaders.From([new("ce_id", "1"), new("größe", "ü ✈"), new("empty", "")]);
        await PublishAsync(broker, "t", [new OutgoingMessage("schlüssel", binary, headers), new OutgoingMessage("", default, default), new OutgoingMessage(null, "x"u8.ToArray(), default)]);
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 10 });
        await recorder.WaitForMessagesAsync(3);
        var messages = recorder.Messages;
        Assert.Equal(["schlüssel", "", null], messages.Select(m => m.Key));
        Assert.Equal(binary, messages[0].Value.ToArray());
        Assert.Equal(headers.ToDictionary(), WithoutKey(messages[0].Headers));
        Assert.True(messages[1].Value.IsEmpty);
        Assert.Empty(WithoutKey(messages[1].Headers));
        if (StampsWithInjectedTime)
            Assert.All(messages, m => Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), m.Timestamp));
        else
            Assert.All(messages, m => Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - m.Timestamp, -5_000, 60_000));
    }

    [Fact]
    public async Task A_large_value_arrives_whole_and_alone_in_its_batch()
    {
        var broker = await StartAsync(1);
        var large = new byte[LargeValueBytes];
        new Random(7).NextBytes(large);
        await PublishAsync(broker, "t", [Message("k", "before"), new OutgoingMessage("k", large, default), Message("k", "after")]);
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 10, MaxBatchBytes = 1024 });
        await recorder.WaitForMessagesAsync(3);
        Assert.Equal([1, 1, 1], recorder.Batches.Select(b => b.Messages.Count));
        Assert.True(large.AsSpan().SequenceEqual(recorder.Messages[1].Value.Span));
    }

    [Fact]
    public async Task Groups_each_get_everything()
    {
        var broker = await StartAsync(2);
        SkipWithoutPositions(broker);
        var first = await SubscribeAsync(broker, new() { Topic = "t", Group = "one", MaxBatchCount = 10 });
        await PublishAsync(broker, "t", Enumerable.Range(0, 30).Select(n => Message($"{n}", $"{n}")));
        var second = await SubscribeAsync(broker, new() { Topic = "t", Group = "two", MaxBatchCount = 10 });
        await first.WaitForMessagesAsync(30);
        await second.WaitForMessagesAsync(30);
        Assert.Equal(Sorted(first), Sorted(second));
    }

    [Fact]
    public async Task A_group_that_begins_at_the_end_gets_only_what_comes_later()
    {
        var broker = await StartAsync(1);
        SkipWithoutPositions(broker);
        await PublishAsync(broker, "t", [Message("k", "old")]);
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", FromOldest = false });
        await PublishAsync(broker, "t", [Message("k", "new")]);
        await recorder.WaitForMessagesAsync(1);
        Assert.Equal(["new"], recorder.Messages.Select(Text));
    }

    [Fact]
    public async Task Concurrent_publishers_lose_nothing_and_keep_the_order_of_each()
    {
        var broker = await StartAsync(3);
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 50 });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
                await PublishAsync(broker, "t", Enumerable.Range(i * 4, 4).Select(n => Message($"p{publisher}", $"{n}")));
        })));
        await recorder.WaitForMessagesAsync(8 * 200);
        foreach (var publisher in Enumerable.Range(0, 8))
            Assert.Equal(Enumerable.Range(0, 200).Select(n => $"{n}"), recorder.Messages.Where(m => m.Key == $"p{publisher}").Select(Text));
        foreach (var partition in recorder.Batches.GroupBy(b => b.Partition))
            AssertOffsets(broker, [.. partition.SelectMany(b => b.Messages)]);
    }

    [Fact]
    public async Task Watermarks_and_topics_tell_what_is_there()
    {
        var broker = await StartAsync(2);
        SkipWithoutPositions(broker);
        Assert.Empty(await broker.GetWatermarksAsync("t", default));
        await PublishAsync(broker, "t", [Message("21", "a"), Message("21", "b")]);
        await SubscribeAsync(broker, new() { Topic = OddTopic, Group = "g" });
        Assert.Equal([OddTopic, "t"], await broker.ListTopicsAsync(default));
        if (!broker.Capabilities.Offsets)
        {
            var messages = await broker.ReadAsync("t", 0, 0, 10, default);
            Assert.Equal([new PartitionWatermarks(0, messages[0].Offset, messages[1].Offset + 1)], await broker.GetWatermarksAsync("t", default));
            return;
        }

        var partition = Murmur2.Partition("21", 2);
        Assert.Equal(
            [new PartitionWatermarks(0, 0, partition == 0 ? 2 : 0), new PartitionWatermarks(1, 0, partition == 1 ? 2 : 0)],
            await broker.GetWatermarksAsync("t", default));
    }

    [Fact]
    public async Task Stored_messages_can_be_browsed_without_a_group()
    {
        var broker = await StartAsync(1);
        SkipWithoutPositions(broker);
        await PublishAsync(broker, "t", Enumerable.Range(0, 20).Select(n => Message("k", $"{n}")));
        var offsets = await OffsetsAsync(broker, "t");
        Assert.Equal(20, offsets.Length);
        Assert.Equal(["5", "6", "7"], (await broker.ReadAsync("t", 0, offsets[5], 3, default)).Select(Text));
        Assert.Equal(["19"], (await broker.ReadAsync("t", 0, offsets[19], 3, default)).Select(Text));
        Assert.Empty(await broker.ReadAsync("t", 0, offsets[19] + 1, 3, default));
        await Assert.ThrowsAnyAsync<BrokerException>(() => broker.ReadAsync("t", 1, 0, 3, default));
        await Assert.ThrowsAnyAsync<BrokerException>(() => broker.ReadAsync("unknown", 0, 0, 3, default));
    }

    protected async Task<IPubSubBroker> StartAsync(int partitions, TimeProvider? time = null)
    {
        var broker = await StartBrokerAsync(partitions, time ?? TimeProvider.System);
        _open.Add(broker);
        return broker;
    }

    protected async Task PublishAsync(IPubSubBroker broker, string topic, IEnumerable<OutgoingMessage> messages)
    {
        await EnsureTopicAsync(broker, topic);
        var result = await broker.PublishAsync(topic, [.. messages], default);
        Assert.True(result.Succeeded, result.Succeeded ? "" : result.Failures[0].Error.ToString());
    }

    protected static OutgoingMessage Message(string? key, string text) => new(key, Encoding.UTF8.GetBytes(text), default);

    protected static string Text(DeliveredMessage message) => Encoding.UTF8.GetString(message.Value.Span);

    private async Task<BatchRecorder> SubscribeAsync(IPubSubBroker broker, SubscribeOptions options)
    {
        var recorder = new BatchRecorder();
        await SubscribeAsync(broker, options, recorder);
        return recorder;
    }

    /// <summary>The subscription ends with the test, if not before.</summary>
    private async Task<IAsyncDisposable> SubscribeAsync(IPubSubBroker broker, SubscribeOptions options, BatchRecorder recorder)
    {
        await EnsureTopicAsync(broker, options.Topic);
        var subscription = await broker.SubscribeAsync(options, recorder.HandleAsync, default);
        _open.Add(subscription);
        return subscription;
    }

    private static void SkipWithoutOffsets(IPubSubBroker broker) => Assert.SkipUnless(broker.Capabilities.Offsets, "this broker has no partitions with offsets");

    private static void SkipWithoutPositions(IPubSubBroker broker) =>
        Assert.SkipUnless(broker.Capabilities.Positions, "positions, waits and repeats are those of the component behind this broker");

    private Dictionary<string, string> WithoutKey(MessageHeaders headers) =>
        headers.ToDictionary().Where(header => !KeyHeaders.Contains(header.Key)).ToDictionary(StringComparer.Ordinal);

    private static void AssertOffsets(IPubSubBroker broker, IReadOnlyList<DeliveredMessage> messages)
    {
        var offsets = messages.Select(m => m.Offset).ToArray();
        if (broker.Capabilities.Offsets)
            Assert.Equal(Enumerable.Range(0, offsets.Length).Select(n => (long)n), offsets);
        else
            Assert.All(offsets.Zip(offsets.Skip(1)), pair => Assert.True(pair.First < pair.Second, $"{pair}"));
    }

    /// <summary>Offsets of what partition 0 holds.</summary>
    private static async Task<long[]> OffsetsAsync(IPubSubBroker broker, string topic) =>
        [.. (await broker.ReadAsync(topic, 0, 0, 1000, default)).Select(m => m.Offset)];

    private static IEnumerable<string> Sorted(BatchRecorder recorder) => recorder.Messages.Select(Text).Order(StringComparer.Ordinal);
}
