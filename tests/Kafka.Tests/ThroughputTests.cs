using System.Diagnostics;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Measures publish and consume over the mock cluster and prints them; fails only where something is badly wrong.</summary>
public sealed class ThroughputTests(ITestOutputHelper output) : IDisposable
{
    private readonly MockCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task Bulk_publish_and_consume_are_fast(int size)
    {
        const int Total = 300_000;
        _cluster.CreateTopic("t", 8);
        await using var broker = await Brokers.StartAsync(_cluster);
        var headers = MessageHeaders.From([new("ce_id", "0123456789"), new("ce_type", "order"), new("ce_source", "test"), new("content-type", "application/octet-stream")]);
        var value = new byte[100];
        new Random(3).NextBytes(value);
        OutgoingMessage[] messages = [.. Enumerable.Range(0, size).Select(n => new OutgoingMessage($"key-{n % 500}", value, headers))];
        await broker.PublishAsync("t", messages, default);

        var allocated = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        var left = Total / size;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                Assert.True((await broker.PublishAsync("t", messages, default)).Succeeded);
        })));
        var rate = Total / clock.Elapsed.TotalSeconds;
        output.WriteLine($"publish in bulks of {size}: {rate:N0} messages/s, {(GC.GetTotalAllocatedBytes() - allocated) / Total} bytes allocated each");
        Assert.True(rate > 10_000);

        // The mock cluster keeps the last 5 MiB of a partition.
        var expected = (await broker.GetWatermarksAsync("t", default)).Sum(w => w.High - w.Low);
        long seen = 0, first = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        allocated = GC.GetTotalAllocatedBytes();
        await using var subscription = await broker.SubscribeAsync(
            new() { Topic = "t", Group = $"g{size}", MaxBatchCount = 1000 },
            (batch, _) =>
            {
                Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
                if (Interlocked.Add(ref seen, batch.Messages.Count) >= expected)
                    done.TrySetResult();
                return Task.FromResult(DeliveryResult.Acknowledged);
            },
            default);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        rate = seen / Stopwatch.GetElapsedTime(first).TotalSeconds;
        output.WriteLine($"consume: {rate:N0} messages/s of {seen:N0}, {(GC.GetTotalAllocatedBytes() - allocated) / seen} bytes allocated each");
        Assert.True(rate > 10_000);
    }
}
