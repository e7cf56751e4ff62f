using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;
using RealTimeMesh.Pluggable.Testing;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Pluggable.Tests;

public sealed class BrokerTests : IAsyncDisposable
{
    private readonly Started _started = new();
    private readonly List<IAsyncDisposable> _open = [];

    public async ValueTask DisposeAsync()
    {
        await _started.DisposeAsync();
        foreach (var open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
    }

    [Fact]
    public async Task Init_passes_the_settings_with_the_app_as_consumer_and_the_name_as_instance()
    {
        var (server, plug, _) = await StartAsync(new TestPubSub { Features = ["MESSAGE_TTL", "X"] }, settings: [("brokerUrl", "u")]);
        Assert.Equal(new Dictionary<string, string> { ["brokerUrl"] = "u", ["consumerID"] = "app" }, Assert.Single(plug.Initialized));
        Assert.Contains("mypubsub", server.Instances);
    }

    [Fact]
    public async Task A_consumer_of_its_own_is_kept_and_features_are_the_capabilities()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub { Features = ["MESSAGE_TTL", "X"] }, settings: [("consumerID", "me")]);
        Assert.Equal("me", Assert.Single(plug.Initialized)["consumerID"]);
        Assert.Equal(["MESSAGE_TTL", "X"], broker.Capabilities.Names);
        Assert.True(broker.Capabilities is { MessageTtl: true, Offsets: false });
    }

    [Fact]
    public async Task A_component_that_refuses_Init_does_not_start()
    {
        var failure = await Assert.ThrowsAsync<ComponentCallException>(() => StartAsync(new TestPubSub { InitError = new RpcException(new Status(StatusCode.InvalidArgument, "no url")) }));
        Assert.Equal(("rpc error: code = InvalidArgument desc = no url", 3), (failure.Message, failure.GrpcCode));
    }

    [Fact]
    public async Task A_message_is_published_with_its_metadata_and_key()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub());
        var message = new OutgoingMessage("k", "hello"u8.ToArray(), MessageHeaders.From([new("ttlInSeconds", "5"), new("größe", "ü"), new("content-type", "text/plain")]));
        Assert.True((await broker.PublishAsync("topic/a", [message], default)).Succeeded);
        var published = Assert.Single(plug.Published);
        Assert.Equal(("mypubsub", "topic/a", "hello", "text/plain"), (published.PubsubName, published.Topic, published.Data.ToStringUtf8(), published.ContentType));
        Assert.Equal(new Dictionary<string, string> { ["ttlInSeconds"] = "5", ["größe"] = "ü", ["content-type"] = "text/plain", ["partitionKey"] = "k" }, published.Metadata.ToDictionary());
    }

    [Fact]
    public async Task The_code_and_text_of_a_refused_publish_reach_the_caller()
    {
        var (_, _, broker) = await StartAsync(new TestPubSub { OnPublish = (r, _) => throw new RpcException(new Status(StatusCode.Unavailable, "broker unavailable")) });
        var failure = Assert.Single((await broker.PublishAsync("retriable", [Message("x")], default)).Failures);
        var error = Assert.IsType<ComponentCallException>(failure.Error);
        Assert.Equal((0, 14, "broker unavailable", "rpc error: code = Unavailable desc = broker unavailable"), (failure.Index, error.GrpcCode, error.Description, error.Message));
    }

    [Fact]
    public async Task Many_messages_go_in_one_call_where_the_component_can()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub
        {
            Features = ["BULK_PUBSUB"],
            OnBulkPublish = (r, _) => Task.FromResult(new BulkPublishResponse { FailedEntries = { new BulkPublishResponseFailedEntry { EntryId = r.Entries[1].EntryId, Error = "full" } } }),
        });
        var result = await broker.PublishAsync("t", [Message("a"), Message("b"), Message("c")], default);
        var failure = Assert.Single(result.Failures);
        Assert.Equal((1, "full"), (failure.Index, failure.Error.Message));
        Assert.Empty(plug.Published);
        Assert.Equal(["a", "b", "c"], Assert.Single(plug.PublishedBulks).Entries.Select(e => e.Event.ToStringUtf8()));
    }

    [Fact]
    public async Task Many_messages_go_one_by_one_where_it_cannot_and_those_of_a_key_in_order()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub { OnPublish = (r, _) => r.Data.ToStringUtf8() == "13" ? throw new RpcException(new Status(StatusCode.Internal, "unlucky")) : Task.CompletedTask });
        var result = await broker.PublishAsync("t", [.. Enumerable.Range(0, 300).Select(i => Message($"{i}", i % 3 == 0 ? null : $"key{i % 3}"))], default);
        Assert.Equal([13], result.Failures.Select(f => f.Index));
        Assert.Equal(300, plug.Published.Count);
        Assert.Empty(plug.PublishedBulks);
        foreach (var key in new[] { "key1", "key2" })
        {
            var order = plug.Published.Where(p => p.Metadata.GetValueOrDefault("partitionKey") == key).Select(p => int.Parse(p.Data.ToStringUtf8(), null));
            Assert.Equal(order.Order(), order);
        }
    }

    [Fact]
    public async Task Messages_are_delivered_one_by_one_and_acknowledged_in_order()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub());
        var recorder = new BatchRecorder();
        await SubscribeAsync(broker, recorder, new() { Topic = "t", Group = "g", Metadata = new Dictionary<string, string> { ["m"] = "1" } });
        for (var i = 0; i < 50; i++)
            plug.Deliver(new PullMessagesResponse { Id = $"id{i}", Data = ByteString.CopyFromUtf8($"{i}"), TopicName = "t", ContentType = "text/x", Metadata = { ["content-length"] = "123", ["__key"] = "k" } });
        for (var i = 0; i < 50; i++)
        {
            var ack = await AcknowledgementAsync(plug);
            Assert.Equal(($"id{i}", null), (ack.AckMessageId, ack.AckError));
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), recorder.Messages.Select(Text));
        Assert.All(recorder.Batches, b => Assert.Equal(("t", -1, 1), (b.Topic, b.Partition, b.Messages.Count)));
        var first = recorder.Messages[0];
        Assert.Equal(("k", "123", "text/x"), (first.Key, first.Headers.Find("content-length"), first.Headers.Find("content-type")));
        var topic = Assert.Single(plug.Subscriptions);
        Assert.Equal(("t", "1"), (topic.Name, topic.Metadata["m"]));
    }

    [Fact]
    public async Task The_next_message_waits_for_the_handler_of_the_one_before()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub());
        var release = new TaskCompletionSource();
        var recorder = new BatchRecorder { Decide = async (_, _) => { await release.Task; return DeliveryResult.Acknowledged; } };
        await SubscribeAsync(broker, recorder);
        Deliver(plug, "a", "b");
        await recorder.WaitForBatchesAsync(1);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        release.SetResult();
        await recorder.WaitForBatchesAsync(2);
    }

    [Fact]
    public async Task A_refused_message_and_one_whose_handler_throws_are_told_as_errors()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub());
        var recorder = new BatchRecorder { Decide = (batch, _) => Text(batch.Messages[0]) == "a" ? Task.FromResult(DeliveryResult.RefuseAll(1)) : throw new InvalidOperationException("the handler's own failure") };
        await SubscribeAsync(broker, recorder);
        Deliver(plug, "a", "b");
        Assert.Contains("refused", (await AcknowledgementAsync(plug)).AckError.Message, StringComparison.Ordinal);
        Assert.Equal("the handler's own failure", (await AcknowledgementAsync(plug)).AckError.Message);
        Assert.Contains("error when handling message on topic t", _started.LogLines);
    }

    [Fact]
    public async Task A_batch_is_delivered_when_full_or_when_its_wait_is_over()
    {
        var time = new FakeTimeProvider();
        var (_, plug, broker) = await StartAsync(new TestPubSub(), time);
        var recorder = new BatchRecorder { Decide = (batch, _) => Task.FromResult(batch.Messages.Count == 3 ? new DeliveryResult([1]) : DeliveryResult.Acknowledged) };
        await SubscribeAsync(broker, recorder, new() { Topic = "t", Group = "g", MaxBatchCount = 3, MaxBatchWait = TimeSpan.FromSeconds(5) });
        Deliver(plug, "a", "b", "c", "d");
        await recorder.WaitForBatchesAsync(1);
        var acknowledgements = new List<PullMessagesRequest>();
        for (var i = 0; i < 3; i++)
            acknowledgements.Add(await AcknowledgementAsync(plug));
        Assert.Equal([("a", true), ("b", false), ("c", true)], acknowledgements.Select(a => (a.AckMessageId, a.AckError is null)));
        Assert.Single(recorder.Batches);
        await Started.UntilAsync(() => { time.Advance(TimeSpan.FromSeconds(1)); return recorder.Batches.Count == 2; }, "the second batch");
        Assert.Equal("d", Text(Assert.Single(recorder.Batches[1].Messages)));
    }

    [Fact]
    public async Task A_batch_ends_at_its_bytes_and_where_the_topic_changes()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub());
        var recorder = new BatchRecorder();
        await SubscribeAsync(broker, recorder, new() { Topic = "t*", Group = "g", MaxBatchCount = 100, MaxBatchBytes = 10, MaxBatchWait = TimeSpan.FromHours(1) });
        foreach (var (topic, data) in new[] { ("t1", "1234"), ("t1", "5678"), ("t1", "9abc"), ("t2", "x"), ("t1", "0123456789") })
            plug.Deliver(new PullMessagesResponse { Id = data, Data = ByteString.CopyFromUtf8(data), TopicName = topic });
        await recorder.WaitForMessagesAsync(5);
        Assert.Equal(["t1:1234,5678", "t1:9abc", "t2:x", "t1:0123456789"], recorder.Batches.Select(b => $"{b.Topic}:{string.Join(',', b.Messages.Select(Text))}"));
    }

    [Fact]
    public async Task A_component_that_asks_for_immediate_delivery_gets_batches_of_one_without_wait()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub { Features = ["BULK_SUBSCRIBE_IMMEDIATE"] }, new FakeTimeProvider());
        var recorder = new BatchRecorder();
        await SubscribeAsync(broker, recorder, new() { Topic = "t", Group = "g", MaxBatchCount = 100, MaxBatchWait = TimeSpan.FromHours(1) });
        Deliver(plug, "a", "b", "c");
        await recorder.WaitForBatchesAsync(3);
        Assert.All(recorder.Batches, b => Assert.Single(b.Messages));
    }

    [Fact]
    public async Task Stopping_a_subscription_acknowledges_what_runs_and_leaves_what_came_later_alone()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub());
        var release = new TaskCompletionSource();
        var recorder = new BatchRecorder { Decide = async (_, _) => { await release.Task; return DeliveryResult.Acknowledged; } };
        var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        Deliver(plug, "a", "b", "c");
        await recorder.WaitForBatchesAsync(1);
        var stopped = subscription.DisposeAsync().AsTask();
        Assert.False(stopped.IsCompleted);
        release.SetResult();
        await stopped.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("a", (await AcknowledgementAsync(plug)).AckMessageId);
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
        Assert.Single(recorder.Batches);
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task A_handler_that_gives_up_because_of_the_stop_is_neither_acknowledged_nor_refused()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub());
        var recorder = new BatchRecorder { Decide = async (_, token) => { await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token); return DeliveryResult.Acknowledged; } };
        var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        Deliver(plug, "a");
        await recorder.WaitForBatchesAsync(1);
        await subscription.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(plug.Acknowledgements.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task A_component_that_never_ends_its_stream_does_not_hold_up_the_stop()
    {
        var (_, _, broker) = await StartAsync(new TestPubSub { OnPull = (_, _, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ContinueWith(_ => { }, TaskScheduler.Default) });
        var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, new BatchRecorder().HandleAsync, default);
        await subscription.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Pause_and_resume_reach_a_component_that_has_them()
    {
        var (_, plug, broker) = await StartAsync(new TestPubSub { Pausable = true });
        var pausable = Assert.IsType<IPausableBroker>(broker, exactMatch: false);
        Assert.True(await pausable.PauseAsync(default));
        Assert.True(plug.IsPaused);
        Assert.True(await pausable.ResumeAsync(default));
        Assert.False(plug.IsPaused);
        var (_, other, without) = await StartAsync(new TestPubSub());
        Assert.False(await ((IPausableBroker)without).PauseAsync(default));
        Assert.False(await ((IPausableBroker)without).ResumeAsync(default));
        Assert.Equal(1, other.PauseCalls);
    }

    [Fact]
    public async Task A_killed_component_is_initialised_again_and_its_subscriptions_go_on()
    {
        var (server, plug, broker) = await StartAsync(new TestPubSub());
        var recorder = new BatchRecorder();
        await SubscribeAsync(broker, recorder);
        Deliver(plug, "a");
        Assert.Equal("a", (await AcknowledgementAsync(plug)).AckMessageId);
        await server.KillAsync();
        var error = Assert.IsType<ComponentCallException>(Assert.Single((await broker.PublishAsync("t", [Message("x")], default)).Failures).Error);
        Assert.Equal(14, error.GrpcCode);
        Assert.EndsWith("connect: connection refused\"", error.Description, StringComparison.Ordinal);
        await server.StartAgainAsync();
        var clock = TimeProvider.System.GetTimestamp();
        Deliver(plug, "b");
        Assert.Equal("b", (await AcknowledgementAsync(plug)).AckMessageId);
        TestContext.Current.TestOutputHelper!.WriteLine($"delivered again {TimeProvider.System.GetElapsedTime(clock).TotalMilliseconds:F0} ms after the component was back");
        Assert.True((await broker.PublishAsync("t", [Message("y")], default)).Succeeded);
        Assert.Equal(2, plug.Initialized.Count);
        Assert.Equal(2, plug.Subscriptions.Count);
        Assert.Contains("Subscribed to topic t again", _started.LogLines);
    }

    [Fact]
    public async Task A_stream_that_the_component_ends_is_opened_again_without_a_second_Init()
    {
        var ended = 0;
        TestPubSub? plug = null;
        plug = new TestPubSub
        {
            OnPull = async (_, _, responses, token) =>
            {
                if (Interlocked.Increment(ref ended) == 1)
                    throw new RpcException(new Status(StatusCode.Internal, "rebalanced"));
                await responses.WriteAsync(new PullMessagesResponse { Id = "1", Data = ByteString.CopyFromUtf8("a"), TopicName = "t" }, token);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ContinueWith(_ => { }, TaskScheduler.Default);
            },
        };
        var (_, _, broker) = await StartAsync(plug);
        var recorder = new BatchRecorder();
        await SubscribeAsync(broker, recorder);
        await recorder.WaitForMessagesAsync(1);
        Assert.Single(plug.Initialized);
        Assert.Contains(_started.LogLines, line => line.StartsWith("Failed to receive pubsub message: ", StringComparison.Ordinal) && line.Contains("rebalanced", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_needs_offsets_is_refused_or_empty()
    {
        var (_, _, broker) = await StartAsync(new TestPubSub());
        Assert.Empty(await broker.GetWatermarksAsync("t", default));
        Assert.Empty(await broker.GetCommittedAsync("t", "g", default));
        Assert.Empty(await broker.ListTopicsAsync(default));
        await Assert.ThrowsAsync<BrokerException>(() => broker.SeekAsync("t", "g", 0, 0, default));
        await Assert.ThrowsAsync<BrokerException>(() => broker.ReadAsync("t", 0, 0, 1, default));
    }

    [Fact]
    public async Task A_name_of_any_script_is_passed_as_instance()
    {
        await using var server = await PluggableComponentServer.StartAsync(new TestPubSub());
        await _started.StartAsync<IPubSubBroker>(server, "pubsub", "größe ✈");
        Assert.Contains(Uri.EscapeDataString("größe ✈"), server.Instances);
    }

    private async Task<(PluggableComponentServer Server, TestPubSub Plug, IPubSubBroker Broker)> StartAsync(TestPubSub plug, TimeProvider? time = null, params (string, string)[] settings)
    {
        var server = await PluggableComponentServer.StartAsync(plug);
        _open.Add(server);
        return (server, plug, await _started.StartAsync<IPubSubBroker>(server, "pubsub", "mypubsub", time, settings));
    }

    private async Task SubscribeAsync(IPubSubBroker broker, BatchRecorder recorder, SubscribeOptions? options = null) =>
        _open.Add(await broker.SubscribeAsync(options ?? new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default));

    private static void Deliver(TestPubSub plug, params string[] texts)
    {
        foreach (var text in texts)
            plug.Deliver(new PullMessagesResponse { Id = text, Data = ByteString.CopyFromUtf8(text), TopicName = "t" });
    }

    private static async Task<PullMessagesRequest> AcknowledgementAsync(TestPubSub plug)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await plug.Acknowledgements.Reader.ReadAsync(patience.Token);
    }

    private static OutgoingMessage Message(string text, string? key = null) => new(key, Encoding.UTF8.GetBytes(text), default);

    private static string Text(DeliveredMessage message) => Encoding.UTF8.GetString(message.Value.Span);
}
