using System.Diagnostics;
using RealTimeMesh.Components;
using RealTimeMesh.Kafka;
using RealTimeMesh.Kafka.Tests;
using RealTimeMesh.Redis;
using RealTimeMesh.Redis.Tests;
using RealTimeMesh.RocksDb;
using RealTimeMesh.ServiceDefaults.Retries;

namespace RealTimeMesh.ServiceDefaults.Tests.Retries;

/// <summary>Tiers over every broker, through a sidecar.</summary>
public sealed class BrokerTests
{
    [Theory]
    [InlineData("in-memory-log")]
    [InlineData("rocksdb")]
    [InlineData("kafka")]
    [InlineData("redis")]
    public async Task Events_wait_in_tiers_come_back_as_they_were_and_end_in_the_dead_letters(string kind)
    {
        await using var broker = await TestBroker.StartAsync(kind);
        var delay = TimeSpan.FromMilliseconds(600);
        await using var app = await RetriedApp.StartAsync(broker.Spec, broker.Component, new RetryOptions { Tiers = [delay, delay], BatchWait = TimeSpan.FromMilliseconds(5) });
        var failures = 0;
        app.Say = text => text switch
        {
            "poison" => Handled.Poison("closed", "the account is closed"),
            "never" => WaitFor(app, "never", "49", Handled.Transient("locked")),
            "later" when Interlocked.Increment(ref failures) == 1 => Handled.Transient("busy"),
            _ => Handled.Success,
        };
        var started = Stopwatch.GetTimestamp();
        await app.PublishAsync("k", ["never", "later", "poison", .. Enumerable.Range(0, 50).Select(i => $"{i}")]);
        await RetriedApp.Until(() => app.Letters.Count == 2 && app.Tried.Count >= 3 + 1 + 2 + 50, () => $"{kind}: {app.Letters.Count} letters, tried {string.Join(",", app.Tried)}");

        Assert.True(Stopwatch.GetElapsedTime(started) >= 2 * delay);
        Assert.Equal((3, 2, 1), (app.Tried.Count(text => text == "never"), app.Tried.Count(text => text == "later"), app.Tried.Count(text => text == "poison")));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), app.Tried.Where(text => int.TryParse(text, out _)).OrderBy(int.Parse));
        // Nothing waited for the events that did.
        Assert.True(app.Tried.ToList().IndexOf("49") < app.Tried.ToList().LastIndexOf("never"));
        var letters = app.Letters.OrderBy(letter => letter.Reason.Class).ToList();
        Assert.Equal(["poison", "transient"], letters.Select(letter => letter.Reason.Class));
        Assert.Equal((1, 3), (letters[0].Attempts, letters[1].Attempts));
        Assert.All(letters, letter => Assert.Equal(("billing", "orders", "blue"), (letter.Origin.Consumer, letter.Origin.Topic, letter.Headers!["color"])));
        if (broker.HasOffsets)
            Assert.Equal([2L, 0L], letters.Select(letter => letter.Origin.Offset!.Value));
    }

    [Theory]
    [InlineData("in-memory-log")]
    [InlineData("rocksdb")]
    [InlineData("kafka")]
    public async Task The_order_of_a_key_is_kept_through_tiers(string kind)
    {
        await using var broker = await TestBroker.StartAsync(kind);
        var delay = TimeSpan.FromMilliseconds(300);
        await using var app = await RetriedApp.StartAsync(broker.Spec, broker.Component, new RetryOptions { Tiers = [delay, delay, delay], KeepKeyOrder = true, BatchWait = TimeSpan.FromMilliseconds(5) });
        var failures = 0;
        app.Say = text => text == "a0" && Interlocked.Increment(ref failures) <= 2 ? WaitFor(app, "a0", "b19", Handled.Transient("busy")) : Handled.Success;
        await app.PublishAsync("a", Enumerable.Range(0, 20).Select(i => $"a{i}"));
        await app.PublishAsync("b", Enumerable.Range(0, 20).Select(i => $"b{i}"));
        await RetriedApp.Until(() => app.Tried.Count == 42, () => $"{kind}: tried {string.Join(",", app.Tried)}");
        Assert.Equal(["a0", "a0", .. Enumerable.Range(0, 20).Select(i => $"a{i}")], app.Tried.Where(text => text[0] == 'a'));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"b{i}"), app.Tried.Where(text => text[0] == 'b'));
        Assert.True(app.Tried.ToList().IndexOf("b19") < app.Tried.ToList().IndexOf("a1"));
    }

    // An event that comes back from a tier is handled only when the one that must not wait for it was, however slow the machine is.
    private static Handled WaitFor(RetriedApp app, string retried, string other, Handled answer)
    {
        if (app.Tried.Count(text => text == retried) > 1)
            Assert.True(SpinWait.SpinUntil(() => app.Tried.Contains(other), TimeSpan.FromSeconds(60)), $"{other} waits for {retried}");
        return answer;
    }

    /// <summary>A broker with its files or server.</summary>
    private sealed class TestBroker : IAsyncDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("retries-").FullName;
        private readonly List<IAsyncDisposable> _parts = [];
        private MockCluster? _cluster;

        public ComponentSpec Spec { get; private set; } = null!;

        public IAsyncDisposable Component { get; private set; } = null!;

        public bool HasOffsets { get; private set; } = true;

        public static async Task<TestBroker> StartAsync(string kind)
        {
            var broker = new TestBroker();
            var (type, settings) = await broker.TypeAsync(kind);
            broker.Spec = new ComponentSpec { Name = "pubsub", Type = $"pubsub.{kind}", Metadata = settings };
            broker.Component = await type.StartAsync(broker.Spec, new ComponentContext("billing", broker._folder, TimeProvider.System), default);
            return broker;
        }

        public async ValueTask DisposeAsync()
        {
            await Component.DisposeAsync();
            foreach (var part in _parts)
                await part.DisposeAsync();
            _cluster?.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private async Task<(IComponentType Type, Dictionary<string, string> Settings)> TypeAsync(string kind)
        {
            var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            switch (kind)
            {
                case "in-memory-log":
                    settings["partitions"] = "2";
                    return (new InMemoryLogType(), settings);
                case "rocksdb":
                    settings["partitions"] = "2";
                    return (new RocksDbPubSubType(), settings);
                case "kafka":
                    _cluster = new MockCluster();
                    foreach (var topic in (string[])["orders", "orders.dlq", "orders.retry.billing.600ms", "orders.retry.billing.600ms.1", "orders.retry.billing.300ms", "orders.retry.billing.300ms.1", "orders.retry.billing.300ms.2"])
                        _cluster.CreateTopic(topic, 2);
                    (settings["brokers"], settings["consumerGroup"], settings["initialOffset"], settings["authType"]) = (_cluster.Bootstraps, "billing", "oldest", "none");
                    return (new KafkaPubSubType(), settings);
                default:
                    var (server, absent) = await RedisProcess.TryStartAsync();
                    Assert.SkipWhen(server is null, absent ?? "");
                    _parts.Add(server!);
                    (settings["redisHost"], settings["consumerID"], HasOffsets) = (server!.Address, "billing", false);
                    (settings["processingTimeout"], settings["redeliverInterval"]) = ("3s", "100ms");
                    return (new RedisPubSubType(), settings);
            }
        }
    }
}
