using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Headers, keys, partitions and first positions as daprd's component treats them.</summary>
public sealed class MetadataTests : IDisposable
{
    private readonly MockCluster _cluster = new();

    public MetadataTests() => _cluster.CreateTopic("t", 4);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Headers_that_the_pattern_finds_are_neither_sent_nor_delivered()
    {
        await using var all = await Brokers.StartAsync(_cluster);
        await using var some = await Brokers.StartAsync(_cluster, null, ("excludeHeaderMetaRegex", "^x-|secret"));
        var headers = MessageHeaders.From([new("x-a", "1"), new("my-secret", "2"), new("keep", "3")]);
        await some.PublishAsync("t", [new OutgoingMessage("sent", new byte[1], headers)], default);
        Assert.Equal(["keep"], await NamesAsync(all, "sent"));
        await all.PublishAsync("t", [new OutgoingMessage("delivered", new byte[1], headers)], default);
        Assert.Equal(["keep"], await NamesAsync(some, "delivered"));
        Assert.Equal(["keep", "my-secret", "x-a"], await NamesAsync(all, "delivered"));
    }

    [Fact]
    public async Task Keys_and_headers_are_delivered_escaped_where_asked_for()
    {
        await using var broker = await Brokers.StartAsync(_cluster, null, ("escapeHeaders", "true"));
        await broker.PublishAsync("t", [new OutgoingMessage("a b/ü", new byte[1], MessageHeaders.From([new("h", "x y&z\n")]))], default);
        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        await recorder.WaitForMessagesAsync(1);
        Assert.Equal(("a+b%2F%C3%BC", "x+y%26z%0A"), (recorder.Messages[0].Key, recorder.Messages[0].Headers.Find("h")));
    }

    [Fact]
    public async Task The_partition_can_be_chosen_and_a_wrong_choice_is_told()
    {
        await using var broker = await Brokers.StartAsync(_cluster);
        OutgoingMessage To(string partition) => new("k", new byte[1], MessageHeaders.From([new("partitionNumber", partition)]));
        var result = await broker.PublishAsync("t", [To("2"), To("4"), To("-1"), To("x")], default);
        Assert.Equal(
            [(1, "partition number 4 is out of range, topic 't' has 4 partitions"), (2, "partitionNumber must be non-negative, got -1"), (3, "invalid partitionNumber metadata value \"x\"; expected a whole number")],
            result.Failures.Select(f => (f.Index, f.Error.Message)));
        Assert.Equal([0L, 0L, 1L, 0L], (await broker.GetWatermarksAsync("t", default)).Select(w => w.High));
    }

    [Fact]
    public async Task A_group_begins_at_the_newest_message_unless_the_component_says_oldest()
    {
        await using var broker = await Brokers.StartAsync(_cluster, null, ("initialOffset", "newest"));
        await broker.PublishAsync("t", [new OutgoingMessage("k", "old"u8.ToArray(), default)], default);
        var first = new BatchRecorder();
        var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, first.HandleAsync, default);
        await broker.PublishAsync("t", [new OutgoingMessage("k", "new"u8.ToArray(), default)], default);
        await first.WaitForMessagesAsync(1);
        await subscription.DisposeAsync();
        // What comes while nobody is there is not skipped by the next member.
        await broker.PublishAsync("t", [new OutgoingMessage("k", "later"u8.ToArray(), default), new OutgoingMessage("other", "elsewhere"u8.ToArray(), default)], default);
        var second = new BatchRecorder();
        await using var again = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, second.HandleAsync, default);
        await second.WaitForMessagesAsync(2);
        Assert.Equal(["new"], first.Messages.Select(Text));
        Assert.Equal(["elsewhere", "later"], second.Messages.Select(Text).Order());
    }

    [Fact]
    public async Task Topics_are_created_by_the_brokers_when_they_are_used_first_but_not_when_asked_about()
    {
        await using var broker = await Brokers.StartAsync(_cluster);
        Assert.Empty(await broker.GetWatermarksAsync("new", default));
        await Assert.ThrowsAsync<BrokerException>(() => broker.ReadAsync("new", 0, 0, 1, default));
        Assert.DoesNotContain("new", await broker.ListTopicsAsync(default));
        Assert.True((await broker.PublishAsync("new", [new OutgoingMessage(null, new byte[1], default)], default)).Succeeded);
        Assert.Contains("new", await broker.ListTopicsAsync(default));
    }

    [Fact]
    public async Task Capabilities_are_those_of_daprds_component()
    {
        await using var broker = await Brokers.StartAsync(_cluster);
        Assert.Equal(["BULK_PUBSUB"], broker.Capabilities.Names);
        Assert.False(broker.Capabilities.MessageTtl);
    }

    private static async Task<IEnumerable<string>> NamesAsync(IPubSubBroker broker, string key)
    {
        var partition = Murmur2.Partition(key, 4);
        var messages = await broker.ReadAsync("t", partition, 0, 10, default);
        return messages.Single(m => m.Key == key).Headers.ToDictionary().Keys.Order(StringComparer.Ordinal);
    }

    private static string Text(DeliveredMessage message) => Encoding.UTF8.GetString(message.Value.Span);
}
