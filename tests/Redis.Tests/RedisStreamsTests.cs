using System.Collections.Concurrent;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;
using StackExchange.Redis;

namespace RealTimeMesh.Redis.Tests;

/// <summary>What daprd's component asks of streams and groups, beyond the broker's contract.</summary>
public sealed class RedisStreamsTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _open = [];
    private readonly string _topic = $"t-{Guid.CreateVersion7():N}";

    public async ValueTask DisposeAsync()
    {
        for (var i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
    }

    [Fact]
    public async Task Messages_lie_in_a_stream_as_daprd_writes_them()
    {
        var database = await DatabaseAsync();
        var broker = await StartAsync();
        await PublishAsync(broker, new OutgoingMessage("k", """{"a":"ü"}"""u8.ToArray(), MessageHeaders.From([new("ttlInSeconds", "5"), new("größe", "<\"")])));
        await PublishAsync(broker, new OutgoingMessage(null, "bare"u8.ToArray(), default));
        var entries = await database.StreamRangeAsync(_topic);
        Assert.Equal(["data", "metadata"], entries[0].Values.Select(v => (string)v.Name!));
        Assert.Equal("""{"a":"ü"}""", entries[0]["data"]);
        Assert.Equal("""{"ttlInSeconds":"5","größe":"<\"","partitionKey":"k"}""", entries[0]["metadata"]);
        Assert.Equal("bare", Assert.Single(entries[1].Values).Value);
    }

    [Fact]
    public async Task Messages_of_daprd_are_delivered_and_acknowledged_for_its_group()
    {
        var database = await DatabaseAsync();
        await database.StreamAddAsync(_topic, [new("data", "one"), new("metadata", """{"partitionKey":"k","a":"\u003cb\u003e"}""")]);
        await database.StreamAddAsync(_topic, [new("data", "two"), new("metadata", "{}")]);
        await database.StreamAddAsync(_topic, [new("data", "three")]);
        await database.StreamAddAsync(_topic, [new("data", "four"), new("metadata", "no JSON")]);
        var recorder = await SubscribeAsync(await StartAsync(), new BatchRecorder());
        await recorder.WaitForMessagesAsync(4);
        Assert.Equal(["four", "one", "three", "two"], recorder.Messages.Select(Text).Order(StringComparer.Ordinal));
        var one = recorder.Messages.Single(m => Text(m) == "one");
        Assert.Equal("k", one.Key);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "<b>" }, one.Headers.ToDictionary());
        await UntilAsync(async () => (await database.StreamPendingAsync(_topic, "g")).PendingMessageCount == 0);
        var group = Assert.Single(await database.StreamGroupInfoAsync(_topic));
        Assert.Equal(("g", 1), (group.Name, group.ConsumerCount));
        Assert.Equal("g", Assert.Single(await database.StreamConsumerInfoAsync(_topic, "g")).Name);
    }

    [Fact]
    public async Task Messages_that_another_consumer_left_pending_are_taken_over_after_the_processing_timeout()
    {
        var database = await DatabaseAsync();
        var broker = await StartAsync(("processingTimeout", "300"), ("redeliverInterval", "50"));
        for (var n = 0; n < 5; n++)
            await PublishAsync(broker, Message($"{n}"));
        await database.StreamCreateConsumerGroupAsync(_topic, "g", "0");
        Assert.Equal(3, (await database.StreamReadGroupAsync(_topic, "g", "g", ">", 3)).Length);
        var trimmed = (await database.StreamRangeAsync(_topic, count: 1))[0].Id;
        await database.StreamDeleteAsync(_topic, [trimmed]);
        var recorder = await SubscribeAsync(broker, new BatchRecorder());
        await recorder.WaitForMessagesAsync(4);
        Assert.Equal(["1", "2", "3", "4"], recorder.Messages.Select(Text).Order(StringComparer.Ordinal));
        await UntilAsync(async () => (await database.StreamPendingAsync(_topic, "g")).PendingMessageCount == 0);
    }

    [Fact]
    public async Task A_message_that_waits_or_is_handled_here_is_not_taken_over_by_others()
    {
        var (one, other) = (await StartAsync(("processingTimeout", "6s"), ("redeliverInterval", "100ms"), ("concurrency", "1")), await StartAsync(("processingTimeout", "6s"), ("redeliverInterval", "100ms")));
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var busy = new BatchRecorder
        {
            Decide = async (_, _) =>
            {
                await release.Task;
                return DeliveryResult.Acknowledged;
            },
        };
        await SubscribeAsync(one, busy);
        await PublishAsync(one, Message("handled"), Message("waits"));
        await busy.WaitForMessagesAsync(1);
        var database = await DatabaseAsync();
        await UntilAsync(async () => (await database.StreamPendingAsync(_topic, "g")).PendingMessageCount == 2);
        var idle = await SubscribeAsync(other, new BatchRecorder());
        // Half as long again as the time after which pending messages may be taken over.
        await Task.Delay(TimeSpan.FromSeconds(9), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Empty(idle.Messages);
        release.SetResult();
        await busy.WaitForMessagesAsync(2);
    }

    [Fact]
    public async Task A_handler_that_outlasts_the_processing_timeout_is_cancelled_and_gets_the_message_again()
    {
        var attempts = 0;
        var recorder = new BatchRecorder
        {
            Decide = async (_, token) =>
            {
                if (Interlocked.Increment(ref attempts) == 1)
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return DeliveryResult.Acknowledged;
            },
        };
        var broker = await StartAsync(("processingTimeout", "200ms"));
        await SubscribeAsync(broker, recorder);
        await PublishAsync(broker, Message("slow"));
        await recorder.WaitForMessagesAsync(2);
        Assert.All(recorder.Messages, m => Assert.Equal("slow", Text(m)));
    }

    [Fact]
    public async Task As_many_handlers_run_at_once_as_concurrency_says_and_no_more_messages_are_held_than_queueDepth()
    {
        var database = await DatabaseAsync();
        var running = new ConcurrentDictionary<string, bool>();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var most = 0;
        var recorder = new BatchRecorder
        {
            Decide = async (batch, _) =>
            {
                running[Text(batch.Messages[0])] = true;
                InterlockedMax(ref most, running.Count);
                await release.Task;
                running.TryRemove(Text(batch.Messages[0]), out var _);
                return DeliveryResult.Acknowledged;
            },
        };
        var broker = await StartAsync(("concurrency", "3"), ("queueDepth", "7"));
        await PublishAsync(broker, [.. Enumerable.Range(0, 50).Select(n => new OutgoingMessage(null, Encoding.UTF8.GetBytes($"{n}"), default))]);
        await SubscribeAsync(broker, recorder);
        await recorder.WaitForMessagesAsync(3);
        await UntilAsync(async () => (await database.StreamPendingAsync(_topic, "g")).PendingMessageCount == 7);
        await UntilAsync(() => Task.FromResult(Volatile.Read(ref most) == 3));
        Assert.Equal(3, recorder.Messages.Count);
        release.SetResult();
        await recorder.WaitForMessagesAsync(50);
        Assert.Equal(3, most);
        Assert.Equal(50, recorder.Messages.Select(Text).Distinct().Count());
    }

    [Fact]
    public async Task Streams_are_trimmed_by_length_and_by_age()
    {
        var database = await DatabaseAsync();
        var byLength = await StartAsync(("maxLenApprox", "100"));
        for (var n = 0; n < 10; n++)
            await PublishAsync(byLength, [.. Enumerable.Range(0, 100).Select(i => Message($"{i}"))]);
        Assert.InRange(await database.StreamLengthAsync(_topic), 100, 300);

        var old = _topic + "-old";
        for (var n = 1; n <= 400; n++)
            await database.StreamAddAsync(old, "data", "x", messageId: $"{n}-0");
        var byAge = await StartAsync(("streamTTL", "1h"));
        Assert.True((await byAge.PublishAsync(old, [Message("new")], default)).Succeeded);
        Assert.InRange(await database.StreamLengthAsync(old), 1, 150);
    }

    [Fact]
    public async Task A_group_that_was_deleted_is_made_anew_and_delivery_goes_on()
    {
        var database = await DatabaseAsync();
        var broker = await StartAsync();
        var recorder = await SubscribeAsync(broker, new BatchRecorder());
        await PublishAsync(broker, Message("before"));
        await recorder.WaitForMessagesAsync(1);
        await database.KeyDeleteAsync(_topic);
        await PublishAsync(broker, Message("after"));
        await recorder.WaitForMessagesAsync(2);
        Assert.Equal("after", Text(recorder.Messages[^1]));
    }

    [Fact]
    public async Task A_key_that_is_no_stream_fails_each_message_and_the_subscription()
    {
        await (await DatabaseAsync()).StringSetAsync(_topic, "x");
        var broker = await StartAsync();
        var result = await broker.PublishAsync(_topic, [Message("a"), Message("b")], default);
        Assert.Equal([0, 1], result.Failures.Select(f => f.Index));
        Assert.All(result.Failures, f => Assert.StartsWith("redis streams: error from publish: WRONGTYPE", f.Error.Message, StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<BrokerException>(() => broker.SubscribeAsync(new() { Topic = _topic, Group = "g" }, new BatchRecorder().HandleAsync, default));
        Assert.Contains("WRONGTYPE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_server_and_a_wrong_password_are_told_at_the_start()
    {
        var error = await Assert.ThrowsAsync<RedisStoreException>(() => Brokers.StartAsync("127.0.0.1:1", TimeProvider.System, ("dialTimeout", "1s"), ("redisMaxRetries", "1")));
        Assert.StartsWith("redis streams: error connecting to redis at 127.0.0.1:1: ", error.Message, StringComparison.Ordinal);
        Assert.SkipWhen(redis.Absent is not null, redis.Absent ?? "");
        error = await Assert.ThrowsAsync<RedisStoreException>(() => Brokers.StartAsync(redis.Address, TimeProvider.System, ("redisPassword", "wrong"), ("dialTimeout", "1s"), ("redisMaxRetries", "1")));
        Assert.StartsWith($"redis streams: error connecting to redis at {redis.Address}: ", error.Message, StringComparison.Ordinal);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            if (Interlocked.CompareExchange(ref target, value, seen) == seen)
                return;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await reached())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    private static OutgoingMessage Message(string text) => new("k", Encoding.UTF8.GetBytes(text), default);

    private static string Text(DeliveredMessage message) => Encoding.UTF8.GetString(message.Value.Span);

    private async Task PublishAsync(IPubSubBroker broker, params OutgoingMessage[] messages) =>
        Assert.True((await broker.PublishAsync(_topic, messages, default)).Succeeded);

    private async Task<BatchRecorder> SubscribeAsync(IPubSubBroker broker, BatchRecorder recorder)
    {
        _open.Add(await broker.SubscribeAsync(new() { Topic = _topic, Group = "g" }, recorder.HandleAsync, default));
        return recorder;
    }

    private async Task<IPubSubBroker> StartAsync(params (string Name, string Value)[] settings)
    {
        Assert.SkipWhen(redis.Absent is not null, redis.Absent ?? "");
        var broker = await Brokers.StartAsync(redis.Address, TimeProvider.System, [("redisPassword", RedisServerFixture.Password), .. settings]);
        _open.Add(broker);
        return broker;
    }

    private async Task<IDatabase> DatabaseAsync()
    {
        var connection = await redis.ConnectAsync();
        _open.Add(connection);
        return connection.GetDatabase();
    }
}
