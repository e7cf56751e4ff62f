using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>Batches, refusals, commits and members of groups.</summary>
public abstract partial class BrokerComplianceSuite
{
    [Fact]
    public async Task A_full_batch_is_delivered_at_once_and_a_part_only_after_its_wait()
    {
        var time = new FakeTimeProvider();
        var broker = await StartAsync(1, time);
        SkipWithoutPositions(broker);
        await PublishAsync(broker, "t", Enumerable.Range(0, 15).Select(n => Message("k", $"{n}")));
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 10, MaxBatchWait = TimeSpan.FromSeconds(5) });
        await recorder.WaitForBatchesAsync(1);
        // The second batch waits for five more messages or five seconds; time moves only here.
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => recorder.Batches.Count == 2);
        Assert.Equal([10, 5], recorder.Batches.Select(b => b.Messages.Count));
    }

    [Fact]
    public async Task A_waiting_batch_is_delivered_when_it_fills_up_while_time_stands_still()
    {
        var broker = await StartAsync(1, new FakeTimeProvider());
        SkipWithoutPositions(broker);
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 10, MaxBatchWait = TimeSpan.FromHours(1) });
        for (var i = 0; i < 10; i++)
            await PublishAsync(broker, "t", [Message("k", $"{i}")]);
        await recorder.WaitForBatchesAsync(1);
        Assert.Equal(10, Assert.Single(recorder.Batches).Messages.Count);
    }

    [Fact]
    public async Task A_waiting_batch_is_delivered_when_its_bytes_are_reached()
    {
        var broker = await StartAsync(1, new FakeTimeProvider());
        SkipWithoutPositions(broker);
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 1000, MaxBatchBytes = 100, MaxBatchWait = TimeSpan.FromHours(1) });
        for (var i = 0; i < 10; i++)
            await PublishAsync(broker, "t", [Message("k", new string('x', 30))]);
        await recorder.WaitForBatchesAsync(3);
        Assert.Equal([3, 3, 3], recorder.Batches.Take(3).Select(b => b.Messages.Count));
    }

    [Fact]
    public async Task Refused_messages_come_again_in_order_before_anything_later()
    {
        var time = new FakeTimeProvider();
        var broker = await StartAsync(1, time);
        SkipWithoutPositions(broker);
        await PublishAsync(broker, "t", Enumerable.Range(0, 8).Select(n => Message("k", $"{n}")));
        var times = 0;
        var recorder = new BatchRecorder
        {
            Decide = (_, _) => Task.FromResult(++times switch
            {
                1 => new DeliveryResult([2, 0]),
                2 => new DeliveryResult([1]),
                _ => DeliveryResult.Acknowledged,
            }),
        };
        await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 4, MaxBatchWait = TimeSpan.FromMinutes(1), RetryDelay = TimeSpan.FromSeconds(3) }, recorder);
        await recorder.WaitForBatchesAsync(1);
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => recorder.Batches.Count == 4);
        Assert.Equal(["0123", "02", "2", "4567"], recorder.Batches.Select(b => string.Concat(b.Messages.Select(Text))));
    }

    [Fact]
    public async Task A_handler_that_throws_gets_the_batch_again_while_other_partitions_go_on()
    {
        var broker = await StartAsync(2);
        SkipWithoutPositions(broker);
        var bad = Enumerable.Range(0, 100).Select(n => $"{n}").First(k => Murmur2.Partition(k, 2) == 0);
        var good = Enumerable.Range(0, 100).Select(n => $"{n}").First(k => Murmur2.Partition(k, 2) == 1);
        var goodSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var attempts = 0;
        var recorder = new BatchRecorder
        {
            Decide = async (batch, _) =>
            {
                if (batch.Messages[0].Key == good)
                {
                    if (Text(batch.Messages[^1]) == "9")
                        goodSeen.SetResult();
                    return DeliveryResult.Acknowledged;
                }

                // The second attempt is held until the other partition is through.
                if (++attempts == 1)
                    throw new InvalidOperationException("the handler's own failure");
                await goodSeen.Task;
                return DeliveryResult.Acknowledged;
            },
        };
        await SubscribeAsync(broker, new() { Topic = "t", Group = "g", RetryDelay = TimeSpan.FromMilliseconds(1) }, recorder);
        await PublishAsync(broker, "t", Enumerable.Range(0, 10).Select(n => Message(good, $"{n}")).Prepend(Message(bad, "x")));
        await recorder.WaitForMessagesAsync(12);
        Assert.Equal(2, recorder.Messages.Count(m => Text(m) == "x"));
    }

    [Fact]
    public async Task A_group_resumes_where_it_committed()
    {
        var broker = await StartAsync(1);
        SkipWithoutPositions(broker);
        await PublishAsync(broker, "t", Enumerable.Range(0, 10).Select(n => Message("k", $"{n}")));
        var first = new BatchRecorder { Decide = (batch, _) => Task.FromResult(Text(batch.Messages[0]) == "0" ? DeliveryResult.Acknowledged : new DeliveryResult([2])) };
        var subscription = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 5, MaxBatchWait = TimeSpan.FromMinutes(1), RetryDelay = TimeSpan.FromHours(1) }, first);
        await first.WaitForBatchesAsync(2);
        await subscription.DisposeAsync();
        // All before the first refused message is committed.
        Assert.Equal(first.Messages[7].Offset, (await broker.GetCommittedAsync("t", "g", default))[0]);
        await PublishAsync(broker, "t", [Message("k", "10")]);
        var second = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 5 });
        // Without offsets, each message is acknowledged for itself.
        string[] expected = broker.Capabilities.Offsets ? ["7", "8", "9", "10"] : ["7", "10"];
        await second.WaitForMessagesAsync(expected.Length);
        Assert.Equal(expected, second.Messages.Select(Text).OrderBy(int.Parse));
    }

    [Fact]
    public async Task Disposing_a_subscription_waits_for_its_running_handler()
    {
        var broker = await StartAsync(1);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var recorder = new BatchRecorder
        {
            Decide = async (_, _) =>
            {
                await release.Task;
                return DeliveryResult.Acknowledged;
            },
        };
        var subscription = await SubscribeAsync(broker, new() { Topic = "t", Group = "g" }, recorder);
        await PublishAsync(broker, "t", [Message("k", "a"), Message("k", "b")]);
        await recorder.WaitForBatchesAsync(1);
        var disposed = subscription.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted);
        release.SetResult();
        await disposed.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Single(recorder.Batches);
        if (!broker.Capabilities.Positions)
            return;
        var offsets = await OffsetsAsync(broker, "t");
        Assert.InRange((await broker.GetCommittedAsync("t", "g", default))[0], offsets[0] + 1, offsets[1]);
    }

    [Fact]
    public async Task Members_of_a_group_share_the_partitions_and_inherit_those_of_one_that_leaves()
    {
        var broker = await StartAsync(4);
        SkipWithoutOffsets(broker);
        var keys = Enumerable.Range(0, 4).Select(p => Enumerable.Range(0, 1000).Select(n => $"{n}").First(k => Murmur2.Partition(k, 4) == p)).ToArray();
        var inFlight = new int[4];
        var overlaps = 0;
        async Task<DeliveryResult> Guarded(DeliveryBatch batch, CancellationToken token)
        {
            if (Interlocked.Increment(ref inFlight[batch.Partition]) != 1)
                Interlocked.Increment(ref overlaps);
            await Task.Yield();
            Interlocked.Decrement(ref inFlight[batch.Partition]);
            return DeliveryResult.Acknowledged;
        }

        var options = new SubscribeOptions { Topic = "t", Group = "g", MaxBatchCount = 3 };
        var stays = new BatchRecorder { Decide = Guarded };
        var leaves = new BatchRecorder { Decide = Guarded };
        var first = await SubscribeAsync(broker, options, stays);
        var second = await SubscribeAsync(broker, options, leaves);
        await SettleAsync(4, first, second);
        await PublishAsync(broker, "t", keys.SelectMany(k => Enumerable.Range(0, 30).Select(n => Message(k, $"{n}"))));
        await leaves.WaitForMessagesAsync(60);
        await second.DisposeAsync();
        await PublishAsync(broker, "t", keys.SelectMany(k => Enumerable.Range(30, 30).Select(n => Message(k, $"{n}"))));
        await stays.WaitForMessagesAsync(180);
        Assert.Equal(2, leaves.Batches.Select(b => b.Partition).Distinct().Count());
        Assert.Equal(4, stays.Batches.Select(b => b.Partition).Distinct().Count());
        Assert.Equal(0, overlaps);
        Assert.Equal(240, stays.Messages.Count + leaves.Messages.Count);
    }

    [Fact]
    public async Task Seek_moves_a_group_without_members_and_is_refused_otherwise()
    {
        var broker = await StartAsync(1);
        SkipWithoutPositions(broker);
        await PublishAsync(broker, "t", Enumerable.Range(0, 10).Select(n => Message("k", $"{n}")));
        var offsets = await OffsetsAsync(broker, "t");
        await broker.SeekAsync("t", "g", 0, offsets[6], default);
        Assert.Equal(offsets[6], (await broker.GetCommittedAsync("t", "g", default))[0]);
        var recorder = await SubscribeAsync(broker, new() { Topic = "t", Group = "g", MaxBatchCount = 10 });
        await recorder.WaitForMessagesAsync(4);
        Assert.Equal(["6", "7", "8", "9"], recorder.Messages.Select(Text));
        await Assert.ThrowsAnyAsync<BrokerException>(() => broker.SeekAsync("t", "g", 0, offsets[0], default));
        await Assert.ThrowsAnyAsync<BrokerException>(() => broker.SeekAsync("t", "other", 0, offsets[^1] + 2, default));
    }

    [Fact]
    public async Task Members_of_a_group_share_the_messages_and_nobody_gets_one_twice()
    {
        var broker = await StartAsync(4);
        var options = new SubscribeOptions { Topic = "t", Group = "g" };
        var stays = new BatchRecorder();
        var leaves = new BatchRecorder();
        var first = await SubscribeAsync(broker, options, stays);
        var second = await SubscribeAsync(broker, options, leaves);
        await SettleAsync(4, first, second);
        await PublishAsync(broker, "t", Enumerable.Range(0, 200).Select(n => Message($"{n}", $"{n}")));
        await WaitUntilAsync(() => stays.Messages.Count + leaves.Messages.Count >= 200);
        await second.DisposeAsync();
        await SettleAsync(4, first);
        await PublishAsync(broker, "t", Enumerable.Range(200, 100).Select(n => Message($"{n}", $"{n}")));
        await WaitUntilAsync(() => stays.Messages.Count + leaves.Messages.Count >= 300);
        Assert.Equal(Enumerable.Range(0, 300), stays.Messages.Concat(leaves.Messages).Select(m => int.Parse(Text(m))).Order());
    }

    private static async Task WaitUntilAsync(Func<bool> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!reached())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    /// <summary>Moves time in steps until something has happened, at most 30 real seconds.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Func<bool> happened)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!happened())
        {
            Assert.False(patience.IsCancellationRequested, "waited 30 s in vain");
            time.Advance(step);
            await Task.Yield();
        }
    }
}
