using System.Collections.Concurrent;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Members that come and go while messages flow: nothing is lost, no partition is handled by two at once.</summary>
public sealed class RebalanceTests(ITestOutputHelper output) : IDisposable
{
    private const int CommitRefused = 2419;
    private const int Partitions = 6;

    private readonly MockCluster _cluster = new();
    private readonly int[] _inFlight = new int[Partitions];
    private readonly ConcurrentQueue<(int Partition, long Offset, string Text)> _handled = [];
    private int _overlaps;

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Members_that_join_and_leave_under_load_lose_nothing_and_never_share_a_partition()
    {
        _cluster.CreateTopic("t", Partitions);
        var logs = new OutputLogs();
        await using var one = await Brokers.StartAsync(_cluster, logs);
        await using var two = await Brokers.StartAsync(_cluster, logs);
        await using var publisher = await Brokers.StartAsync(_cluster);
        var published = 0;
        using var enough = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                var first = published;
                var result = await publisher.PublishAsync("t", [.. Enumerable.Range(first, 20).Select(n => new OutgoingMessage($"{n % 12}", Encoding.UTF8.GetBytes($"{n}"), default))], default);
                Assert.True(result.Succeeded);
                published += 20;
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }
        });

        var stays = (KafkaSubscription)await one.SubscribeAsync(Options(), HandleAsync, default);
        await Brokers.UntilAsync(() => stays.Assignment.Count == Partitions, "the first member to have all");
        for (var round = 0; round < 2; round++)
        {
            var guest = (KafkaSubscription)await two.SubscribeAsync(Options(), HandleAsync, default);
            await Brokers.UntilAsync(() => guest.Assignment.Count == Partitions / 2 && stays.Assignment.Count == Partitions / 2, "the members to share");
            var before = _handled.Count;
            await Brokers.UntilAsync(() => _handled.Count > before + 100, "both to work");
            await guest.DisposeAsync();
            await Brokers.UntilAsync(() => stays.Assignment.Count == Partitions, "the first member to have all again");
        }

        await enough.CancelAsync();
        await publishing;
        await Brokers.UntilAsync(() => _handled.Select(h => h.Text).Distinct().Count() == published, "everything to be handled");
        await stays.DisposeAsync();
        Assert.Equal(0, _overlaps);
        var again = _handled.Count - published;
        output.WriteLine($"{published} messages, {again} of them twice, {logs.Count(CommitRefused)} commits refused by the broker");
        // The mock cluster gives members a second to rejoin; a commit that comes later is refused, as a real broker would.
        Assert.True(again == 0 || logs.Count(CommitRefused) > 0, $"{again} messages came twice though every commit was taken");
        foreach (var partition in _handled.GroupBy(h => h.Partition))
        {
            var offsets = partition.Select(h => h.Offset).Distinct().ToArray();
            Assert.Equal(Enumerable.Range(0, offsets.Length).Select(n => (long)n), offsets);
        }
    }

    [Fact]
    public async Task A_called_back_partition_is_given_up_only_after_its_running_handler_and_its_commit()
    {
        _cluster.CreateTopic("t", 2);
        // The mock cluster puts a member out that lets others wait for a session.
        await using var one = await Brokers.StartAsync(_cluster, null, ("sessionTimeout", "6s"));
        await using var two = await Brokers.StartAsync(_cluster, null, ("sessionTimeout", "6s"));
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var busy = new ConcurrentDictionary<int, bool>();
        var first = (KafkaSubscription)await one.SubscribeAsync(Options(), async (batch, token) =>
        {
            busy[batch.Partition] = true;
            await release.Task;
            return await HandleAsync(batch, token);
        }, default);
        await one.PublishAsync("t", [.. Enumerable.Range(0, 40).Select(n => new OutgoingMessage($"{n}", Encoding.UTF8.GetBytes($"{n}"), default))], default);
        await Brokers.UntilAsync(() => busy.Count == 2, "both partitions to be busy");

        var second = (KafkaSubscription)await two.SubscribeAsync(Options(), HandleAsync, default);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        while (!patience.IsCancellationRequested)
        {
            Assert.Empty(_handled);
            Assert.Empty(second.Assignment);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        release.SetResult();
        await Brokers.UntilAsync(() => second.Assignment.Count == 1 && _handled.Count >= 40, "the second member to have its share");
        await first.DisposeAsync();
        await second.DisposeAsync();
        Assert.Equal(0, _overlaps);
        Assert.Equal(40, _handled.Count);
        Assert.Equal(40, (await one.GetCommittedAsync("t", "g", default)).Values.Sum());
    }

    [Fact]
    public async Task A_member_that_stops_leaves_its_group_at_once()
    {
        _cluster.CreateTopic("t", 1);
        _cluster.TrackRequests();
        await using var broker = await Brokers.StartAsync(_cluster);
        var first = (KafkaSubscription)await broker.SubscribeAsync(Options(), HandleAsync, default);
        await Brokers.UntilAsync(() => first.Assignment.Count == 1, "an assignment");
        Assert.DoesNotContain(MockCluster.ApiKey.LeaveGroup, _cluster.Requests);
        await first.DisposeAsync();
        Assert.Contains(MockCluster.ApiKey.LeaveGroup, _cluster.Requests);
    }

    private static SubscribeOptions Options() => new() { Topic = "t", Group = "g", MaxBatchCount = 7, RetryDelay = TimeSpan.FromMilliseconds(20) };

    private async Task<DeliveryResult> HandleAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _inFlight[batch.Partition]) != 1)
            Interlocked.Increment(ref _overlaps);
        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        foreach (var message in batch.Messages)
            _handled.Enqueue((batch.Partition, message.Offset, Encoding.UTF8.GetString(message.Value.Span)));
        Interlocked.Decrement(ref _inFlight[batch.Partition]);
        return DeliveryResult.Acknowledged;
    }
}
