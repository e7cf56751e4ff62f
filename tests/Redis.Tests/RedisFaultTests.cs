using System.Diagnostics;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Garnet;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Redis.Tests;

/// <summary>Servers that go away and come back, and those that cannot serve at all.</summary>
public sealed class RedisFaultTests
{
    private const int Messages = 600;

    private static ITestOutputHelper? Output => TestContext.Current.TestOutputHelper;

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_server_killed_and_restarted_loses_no_acknowledged_message_and_keeps_the_order_of_keys(int perCall)
    {
        var (server, absent) = await RedisProcess.TryStartAsync("--appendonly", "yes", "--appendfsync", "always");
        Assert.SkipWhen(server is null, absent ?? "");
        await using var process = server!;
        await using var broker = await Brokers.StartAsync(process.Address, TimeProvider.System, ("processingTimeout", "2s"), ("redeliverInterval", "200ms"), ("concurrency", "4"));
        long firstAfter = 0;
        var recorder = new BatchRecorder
        {
            Decide = (_, _) =>
            {
                Interlocked.CompareExchange(ref firstAfter, Stopwatch.GetTimestamp(), 1);
                return Task.FromResult(DeliveryResult.Acknowledged);
            },
        };
        await using var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        var publishing = Task.Run(async () =>
        {
            for (var n = 0; n < Messages; n += perCall)
            {
                // As a publisher does that got an error: the same again, until it is acknowledged.
                OutgoingMessage[] call = [.. Enumerable.Range(n, perCall).Select(i => new OutgoingMessage($"key-{i % 5}", Encoding.UTF8.GetBytes($"{i}"), default))];
                while (!(await broker.PublishAsync("t", call, default)).Succeeded)
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        });
        await recorder.WaitForMessagesAsync(Messages / 4);
        await process.KillAsync();
        Volatile.Write(ref firstAfter, 1);
        var restarted = Stopwatch.GetTimestamp();
        await process.StartAsync();
        await publishing.WaitAsync(TimeSpan.FromSeconds(60));
        await recorder.WaitUntilAllAsync(Enumerable.Range(0, Messages).Select(n => $"{n}"));
        Output?.WriteLine($"first message {Stopwatch.GetElapsedTime(restarted, Volatile.Read(ref firstAfter)).TotalMilliseconds:F0} ms after the restart; {recorder.Messages.Count - Messages} repeated");
        foreach (var key in recorder.Messages.GroupBy(m => m.Key))
        {
            // Each message's first delivery comes in the order of publishing.
            var first = key.Select(m => int.Parse(Encoding.UTF8.GetString(m.Value.Span))).Distinct().ToArray();
            Assert.Equal(first.Order(), first);
        }
    }

    [Fact]
    public async Task A_store_whose_server_was_restarted_answers_again()
    {
        var (server, absent) = await RedisProcess.TryStartAsync("--appendonly", "yes", "--appendfsync", "always");
        Assert.SkipWhen(server is null, absent ?? "");
        await using var process = server!;
        await using var store = await Stores.StartAsync(process.Address, ("readTimeout", "5s"), ("writeTimeout", "5s"));
        await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, "k") { Value = "x"u8.ToArray() }, default);
        await process.KillAsync();
        await process.StartAsync();
        var restarted = Stopwatch.GetTimestamp();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                Assert.Equal("x", Encoding.UTF8.GetString((await store.GetAsync("k", patience.Token))!.Value.Span));
                break;
            }
            catch (RedisStoreException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
            }
        }

        Output?.WriteLine($"first value {Stopwatch.GetElapsedTime(restarted).TotalMilliseconds:F0} ms after the restart");
    }

    [Fact]
    public async Task A_subscription_stops_in_time_while_its_server_is_gone()
    {
        var (server, absent) = await RedisProcess.TryStartAsync();
        Assert.SkipWhen(server is null, absent ?? "");
        await using var process = server!;
        await using var broker = await Brokers.StartAsync(process.Address, TimeProvider.System);
        var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, new BatchRecorder().HandleAsync, default);
        await process.KillAsync();
        await subscription.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Garnet_has_no_streams_and_the_error_says_what_to_use()
    {
        var folder = Directory.CreateTempSubdirectory("garnet-streams-").FullName;
        try
        {
            await using var garnet = await GarnetStandIn.StartAsync(new GarnetOptions { DataPath = folder });
            var error = await Assert.ThrowsAsync<RedisStoreException>(() => Brokers.StartAsync(garnet.Address, TimeProvider.System));
            Assert.Contains("found Garnet without streams", error.Message, StringComparison.Ordinal);
            Assert.Contains("pubsub.rocksdb", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_master_is_found_through_its_sentinel()
    {
        var (server, absent) = await RedisProcess.TryStartAsync("--requirepass", "secret");
        Assert.SkipWhen(server is null, absent ?? "");
        await using var master = server!;
        await using var sentinel = await RedisProcess.StartSentinelAsync(master, "secret");
        (string, string)[] settings = [("failover", "true"), ("sentinelMasterName", "mymaster"), ("redisPassword", "secret")];
        await using (var store = await Stores.StartAsync(sentinel.Address, settings))
            Assert.Equal(StateWrite.Applied, await store.WriteAsync(new StateOperation(StateOperationKind.Upsert, "k") { Value = "x"u8.ToArray() }, default));
        await using var broker = await Brokers.StartAsync(sentinel.Address, TimeProvider.System, settings);
        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        Assert.True((await broker.PublishAsync("t", [new OutgoingMessage(null, "x"u8.ToArray(), default)], default)).Succeeded);
        await recorder.WaitForMessagesAsync(1);
    }

    [Fact]
    public async Task Failover_without_the_name_of_the_master_is_told()
    {
        var error = await Assert.ThrowsAsync<RedisStoreException>(() => Stores.StartAsync("127.0.0.1:1", ("failover", "true")));
        Assert.Contains("sentinelMasterName", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<RedisStoreException>(() => Stores.StartAsync("127.0.0.1:6379", ("redisPort", "7000")));
        Assert.Equal("redis host \"127.0.0.1:6379\" already contains port 6379, but redisPort is set to 7000; either remove the port from redisHost or remove the redisPort setting", error.Message);
    }
}
