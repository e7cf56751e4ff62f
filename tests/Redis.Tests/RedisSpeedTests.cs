using System.Diagnostics;
using RealTimeMesh.Components;
using RealTimeMesh.Garnet;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Redis.Tests;

/// <summary>Prints what a connection does; the limits only catch what is broken.</summary>
public sealed class RedisSpeedTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>
{
    private static ITestOutputHelper? Output => TestContext.Current.TestOutputHelper;

    [Fact]
    public async Task Publishing_and_delivery_in_batches()
    {
        const int Count = 50_000;
        const int Batch = 100;
        Assert.SkipWhen(redis.Absent is not null, redis.Absent ?? "");
        await redis.FlushAsync();
        await using var broker = await Brokers.StartAsync(redis.Address, TimeProvider.System, ("redisPassword", RedisServerFixture.Password));
        OutgoingMessage[] messages = [.. Enumerable.Range(0, Batch).Select(n => new OutgoingMessage($"{n}", new byte[200], default))];
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var n = 0; n < Count / Batch / 8; n++)
                Assert.True((await broker.PublishAsync("t", messages, default)).Succeeded);
        })));
        const int Published = Count / Batch / 8 * 8 * Batch;
        Output?.WriteLine($"published {Published / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} messages/s");
        var seen = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        started = Stopwatch.GetTimestamp();
        await using var subscription = await broker.SubscribeAsync(
            new() { Topic = "t", Group = "g", MaxBatchCount = 500 },
            (batch, _) =>
            {
                if (Interlocked.Add(ref seen, batch.Messages.Count) >= Published)
                    all.TrySetResult();
                return Task.FromResult(DeliveryResult.Acknowledged);
            },
            default);
        await all.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Output?.WriteLine($"delivered {Published / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} messages/s");
    }

    [Fact]
    public async Task Latency_from_publisher_to_handler()
    {
        Assert.SkipWhen(redis.Absent is not null, redis.Absent ?? "");
        await redis.FlushAsync();
        await using var broker = await Brokers.StartAsync(redis.Address, TimeProvider.System, ("redisPassword", RedisServerFixture.Password));
        var arrived = new TaskCompletionSource();
        await using var subscription = await broker.SubscribeAsync(
            new() { Topic = "t", Group = "g" },
            (_, _) =>
            {
                arrived.TrySetResult();
                return Task.FromResult(DeliveryResult.Acknowledged);
            },
            default);
        await PrintAsync("publish to handler", async () =>
        {
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.True((await broker.PublishAsync("t", [new OutgoingMessage(null, new byte[200], default)], default)).Succeeded);
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
        });
    }

    [Fact]
    public async Task State_of_single_keys_and_transactions()
    {
        Assert.SkipWhen(redis.Absent is not null, redis.Absent ?? "");
        await using var store = await Stores.StartAsync(redis.Address, ("redisPassword", RedisServerFixture.Password));
        var write = new StateOperation(StateOperationKind.Upsert, "k") { Value = new byte[200] };
        await PrintAsync("redis-server set", () => store.WriteAsync(write, default));
        await PrintAsync("redis-server get", () => store.GetAsync("k", default));
        var folder = Directory.CreateTempSubdirectory("garnet-speed-").FullName;
        try
        {
            await using var garnet = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = folder });
            await using var embedded = await Stores.StartAsync(garnet.Address);
            await PrintAsync("garnet set", () => embedded.WriteAsync(write, default));
            await PrintAsync("garnet get", () => embedded.GetAsync("k", default));
            foreach (var (name, target) in new[] { ("redis-server", store), ("garnet", embedded) })
            {
                StateOperation[] many = [.. Enumerable.Range(0, 500).Select(n => write with { Key = $"m{n}" })];
                var started = Stopwatch.GetTimestamp();
                for (var n = 0; n < 20; n++)
                    Assert.Equal(StateWrite.Applied, await target.TransactAsync(many, default));
                Output?.WriteLine($"{name}: {20 * many.Length / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} keys/s in transactions of {many.Length}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PrintAsync(string name, Func<Task> action)
    {
        var times = new double[1000];
        for (var n = -100; n < times.Length; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await action();
            if (n >= 0)
                times[n] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        Output?.WriteLine($"{name}: p50 {times[500]:F3} ms, p99 {times[990]:F3} ms");
        Assert.InRange(times[500], 0, 100);
    }
}
