using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.RocksDb.Tests;

public sealed class SharedLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Components_of_one_folder_share_log_and_groups_until_the_last_is_gone()
    {
        var type = new RocksDbPubSubType();
        var first = await Brokers.StartAsync(type, _folder.Path, TimeProvider.System);
        await using var second = await Brokers.StartAsync(type, _folder.Path, TimeProvider.System);
        var recorder = new BatchRecorder();
        await using var subscription = await second.SubscribeAsync(new() { Topic = "t", Group = "g", MaxBatchCount = 100 }, recorder.HandleAsync, default);
        await first.PublishAsync("t", 0, 100);
        await recorder.WaitForMessagesAsync(100);
        await Assert.ThrowsAsync<BrokerException>(() => first.SeekAsync("t", "g", 0, 0, default));
        await first.DisposeAsync();
        await second.PublishAsync("t", 100, 10);
        await recorder.WaitForMessagesAsync(110);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first.PublishAsync("t", 0, 1));
    }

    [Fact]
    public async Task Other_settings_for_the_same_folder_are_refused()
    {
        var type = new RocksDbPubSubType();
        await using var first = await Brokers.StartAsync(type, _folder.Path, TimeProvider.System);
        var error = await Assert.ThrowsAsync<BrokerException>(() => Brokers.StartAsync(type, _folder.Path, TimeProvider.System, ("durability", "process")));
        Assert.Contains("same settings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_use_by_another_process_names_that_process()
    {
        using var other = CrashVictim.Start(_folder.Path);
        try
        {
            await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var error = await Assert.ThrowsAsync<BrokerException>(() => Brokers.StartAsync(new RocksDbPubSubType(), _folder.Path, TimeProvider.System));
            Assert.Contains($"process {other.Id}", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Old_messages_go_by_age()
    {
        var time = new FakeTimeProvider();
        await using var broker = await StartAsync(time, ("retentionTime", "1h"), ("retentionCheckInterval", "1m"));
        await broker.PublishAsync("t", 0, 10);
        time.Advance(TimeSpan.FromMinutes(50));
        await broker.PublishAsync("t", 10, 10);
        time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(new PartitionWatermarks(0, 10, 20), Assert.Single(await broker.GetWatermarksAsync("t", default)));
        var recorder = new BatchRecorder();
        await using (await broker.SubscribeAsync(new() { Topic = "t", Group = "g", MaxBatchCount = 100 }, recorder.HandleAsync, default))
            await recorder.WaitForMessagesAsync(10);
        Assert.Equal(Enumerable.Range(10, 10), recorder.Messages.Select(m => m.Number()));
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(new PartitionWatermarks(0, 20, 20), Assert.Single(await broker.GetWatermarksAsync("t", default)));
        await broker.PublishAsync("t", 20, 1);
        Assert.Equal(20, Assert.Single(await broker.ReadAsync("t", 0, 0, 10, default)).Offset);
    }

    [Fact]
    public async Task Old_messages_go_by_size_and_stay_gone_after_a_restart()
    {
        var time = new FakeTimeProvider();
        (string, string)[] settings = [("retentionBytes", "10000"), ("retentionCheckInterval", "1m")];
        PartitionWatermarks kept;
        await using (var broker = await StartAsync(time, settings))
        {
            await broker.PublishAsync("t", 0, 100, bytes: 1000);
            time.Advance(TimeSpan.FromMinutes(1));
            kept = Assert.Single(await broker.GetWatermarksAsync("t", default));
            Assert.InRange(kept.High - kept.Low, 9, 11);
        }

        await using var again = await StartAsync(time, settings);
        Assert.Equal(kept, Assert.Single(await again.GetWatermarksAsync("t", default)));
    }

    [Fact]
    public async Task A_gate_that_stays_full_refuses_after_its_patience_and_admits_in_order()
    {
        var time = new FakeTimeProvider();
        var gate = new ByteGate(100, TimeSpan.FromSeconds(5), time);
        await gate.EnterAsync(90, "p", default);
        var big = gate.EnterAsync(60, "p", default).AsTask();
        var small = gate.EnterAsync(10, "p", default).AsTask();
        Assert.False(small.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<BrokerOverloadedException>(() => big);
        await small;
        using var cancelled = new CancellationTokenSource();
        var third = gate.EnterAsync(50, "p", cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        gate.Leave(90);
        gate.Leave(10);
        await gate.EnterAsync(1000, "p", default);
    }

    private Task<IPubSubBroker> StartAsync(TimeProvider time, params (string Name, string Value)[] settings) =>
        Brokers.StartAsync(new RocksDbPubSubType(), _folder.Path, time, [("partitions", "1"), .. settings]);
}
