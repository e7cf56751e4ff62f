using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Brokers that go down, answer with errors or are too slow.</summary>
public sealed class FaultTests(ITestOutputHelper output) : IDisposable
{
    private readonly MockCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_broker_that_goes_down_and_comes_back_loses_nothing_and_keeps_the_order_of_keys()
    {
        _cluster.CreateTopic("t", 3);
        await using var broker = await Brokers.StartAsync(_cluster);
        var seen = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        await using var subscription = await broker.SubscribeAsync(
            new() { Topic = "t", Group = "g", MaxBatchCount = 50 },
            (batch, _) =>
            {
                foreach (var message in batch.Messages)
                    seen.GetOrAdd(message.Key!, _ => []).Enqueue(int.Parse(Encoding.UTF8.GetString(message.Value.Span)));
                return Task.FromResult(DeliveryResult.Acknowledged);
            },
            default);
        var sent = 0;
        async Task PublishAsync(int rounds)
        {
            for (var i = 0; i < rounds; i++, sent++)
            {
                var result = await broker.PublishAsync("t", [.. Enumerable.Range(0, 5).Select(k => new OutgoingMessage($"k{k}", Encoding.UTF8.GetBytes($"{sent}"), default))], default);
                Assert.True(result.Succeeded, result.Succeeded ? "" : result.Failures[0].Error.Message);
            }
        }

        await PublishAsync(20);
        _cluster.SetDown(1);
        var during = PublishAsync(20);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        Assert.False(during.IsCompleted);
        _cluster.SetUp(1);
        var clock = Stopwatch.StartNew();
        await during;
        output.WriteLine($"published again {clock.ElapsedMilliseconds} ms after the broker came back");
        await PublishAsync(20);
        await Brokers.UntilAsync(() => seen.Values.Sum(s => s.Distinct().Count()) == 5 * sent, "everything to be handled");
        output.WriteLine($"everything delivered {clock.ElapsedMilliseconds} ms after the broker came back");
        foreach (var key in seen.Values)
            Assert.Equal(Enumerable.Range(0, sent), key.Distinct());
    }

    [Fact]
    public async Task Errors_that_pass_are_retried_and_nothing_is_stored_twice()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster, null, ("librdkafka.retry.backoff.ms", "10"));
        await broker.PublishAsync("t", [Message(-1)], default);
        _cluster.PushErrors(MockCluster.ApiKey.Produce, ErrorCode.NotEnoughReplicas, ErrorCode.RequestTimedOut, ErrorCode.NotEnoughReplicas);
        Assert.True((await broker.PublishAsync("t", [.. Enumerable.Range(0, 100).Select(Message)], default)).Succeeded);
        var stored = await broker.ReadAsync("t", 0, 0, 1000, default);
        Assert.Equal(Enumerable.Range(-1, 101).Select(n => $"{n}"), stored.Select(m => Encoding.UTF8.GetString(m.Value.Span)));
    }

    [Fact]
    public async Task Errors_that_stay_are_told_per_message_and_the_next_publish_succeeds()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster);
        await broker.PublishAsync("t", [Message(0)], default);
        _cluster.PushErrors(MockCluster.ApiKey.Produce, ErrorCode.PolicyViolation);
        var result = await broker.PublishAsync("t", [Message(1), Message(2)], default);
        Assert.Equal([0, 1], result.Failures.Select(f => f.Index));
        Assert.All(result.Failures, f => Assert.Contains("PolicyViolation", f.Error.Message, StringComparison.Ordinal));
        var again = await broker.PublishAsync("t", [Message(3)], default);
        Assert.True(again.Succeeded, again.Succeeded ? "" : again.Failures[0].Error.Message);
    }

    [Fact]
    public async Task A_producer_that_met_a_fatal_error_is_replaced()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster);
        await broker.PublishAsync("t", [Message(0)], default);
        _cluster.PushErrors(MockCluster.ApiKey.Produce, ErrorCode.InvalidProducerEpoch, ErrorCode.OutOfOrderSequenceNumber, ErrorCode.UnknownProducerId, ErrorCode.ProducerFenced);
        var failed = await broker.PublishAsync("t", [Message(1)], default);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await broker.PublishAsync("t", [Message(2)], default)).Succeeded)
            Assert.False(patience.IsCancellationRequested, "no publish succeeded for 60 s");
        output.WriteLine($"the first publish {(failed.Succeeded ? "succeeded" : failed.Failures[0].Error.Message)}");
    }

    [Fact]
    public async Task A_message_that_is_too_large_fails_alone()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster, null, ("maxMessageBytes", "2000"));
        var result = await broker.PublishAsync("t", [Message(1), new OutgoingMessage("k", new byte[5000], default), Message(3)], default);
        var failure = Assert.Single(result.Failures);
        Assert.Equal(1, failure.Index);
        Assert.Contains("too large", failure.Error.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await broker.GetWatermarksAsync("t", default))[0].High);
    }

    [Fact]
    public async Task A_full_queue_refuses_publishers_and_what_was_taken_keeps_its_order()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster, null, ("librdkafka.queue.buffering.max.messages", "10"));
        await broker.PublishAsync("t", [Message(-1)], default);
        _cluster.SetRoundTrip(1, 500);
        var first = broker.PublishAsync("t", [.. Enumerable.Range(0, 15).Select(Message)], default);
        await Assert.ThrowsAsync<BrokerOverloadedException>(() => broker.PublishAsync("t", [Message(99)], default));
        var result = await first;
        Assert.Equal(Enumerable.Range(10, 5), result.Failures.Select(f => f.Index));
        Assert.All(result.Failures, f => Assert.IsType<BrokerOverloadedException>(f.Error));
        _cluster.SetRoundTrip(1, 0);
        Assert.Equal(Enumerable.Range(-1, 11).Select(n => $"{n}"), (await broker.ReadAsync("t", 0, 0, 100, default)).Select(m => Encoding.UTF8.GetString(m.Value.Span)));
    }

    [Fact]
    public async Task A_handler_slower_than_the_network_gets_everything_in_order_without_starving()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster, null, ("channelBufferSize", "20"));
        for (var i = 0; i < 10; i++)
            await broker.PublishAsync("t", [.. Enumerable.Range(i * 100, 100).Select(Message)], default);
        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g", MaxBatchCount = 5 }, recorder.HandleAsync, default);
        await recorder.WaitForMessagesAsync(1);
        var clock = Stopwatch.StartNew();
        await recorder.WaitForMessagesAsync(1000);
        output.WriteLine($"1,000 messages through a buffer of 20 in {clock.ElapsedMilliseconds} ms");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60));
        Assert.Equal(Enumerable.Range(0, 1000).Select(n => $"{n}"), recorder.Messages.Select(m => Encoding.UTF8.GetString(m.Value.Span)));
    }

    [Fact]
    public async Task A_handler_that_hangs_holds_back_its_own_partition_only()
    {
        _cluster.CreateTopic("t", 2);
        await using var broker = await Brokers.StartAsync(_cluster, null, ("channelBufferSize", "20"));
        var (stuck, free) = (KeyOf(0), KeyOf(1));
        Task PublishAsync(string key) => broker.PublishAsync("t", [.. Enumerable.Range(0, 500).Select(n => new OutgoingMessage(key, Encoding.UTF8.GetBytes($"{n}"), default))], default);
        await PublishAsync(stuck);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var recorder = new BatchRecorder
        {
            Decide = async (batch, _) =>
            {
                if (batch.Partition == 0)
                    await release.Task;
                return DeliveryResult.Acknowledged;
            },
        };
        await using var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g", MaxBatchCount = 5 }, recorder.HandleAsync, default);
        await recorder.WaitForBatchesAsync(1);
        await PublishAsync(free);
        await Brokers.UntilAsync(() => recorder.Messages.Count(m => m.Key == free) == 500, "the free partition to be done");
        Assert.Single(recorder.Batches, batch => batch.Partition == 0);
        release.SetResult();
        await recorder.WaitForMessagesAsync(1000);
        Assert.Equal(Enumerable.Range(0, 500).Select(n => $"{n}"), recorder.Messages.Where(m => m.Key == stuck).Select(m => Encoding.UTF8.GetString(m.Value.Span)));
    }

    [Fact]
    public async Task Commits_that_fail_for_a_while_are_made_up_for()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster, null, ("sessionTimeout", "10s"));
        var recorder = new BatchRecorder();
        var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        _cluster.PushErrors(MockCluster.ApiKey.OffsetCommit, ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.NotCoordinatorForGroup, ErrorCode.GroupLoadInProgress);
        await broker.PublishAsync("t", [.. Enumerable.Range(0, 10).Select(Message)], default);
        await recorder.WaitForMessagesAsync(10);
        await subscription.DisposeAsync();
        Assert.Equal(10, (await broker.GetCommittedAsync("t", "g", default))[0]);
    }

    [Fact]
    public async Task Without_retries_refused_messages_do_not_come_again()
    {
        _cluster.CreateTopic("t", 1);
        await using var broker = await Brokers.StartAsync(_cluster, null, ("consumeRetryEnabled", "false"));
        var recorder = new BatchRecorder { Decide = (batch, _) => Task.FromResult(batch.Messages[0].Offset == 0 ? DeliveryResult.RefuseAll(1) : DeliveryResult.Acknowledged) };
        var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        await broker.PublishAsync("t", [Message(0), Message(1)], default);
        await recorder.WaitForMessagesAsync(2);
        await subscription.DisposeAsync();
        Assert.Equal([0, 1], recorder.Messages.Select(m => (int)m.Offset));
        Assert.Equal(2, (await broker.GetCommittedAsync("t", "g", default))[0]);
    }

    private static string KeyOf(int partition) => Enumerable.Range(0, 100).Select(n => $"{n}").First(key => Murmur2.Partition(key, 2) == partition);

    private static OutgoingMessage Message(int number) => new("k", Encoding.UTF8.GetBytes($"{number}"), default);
}
