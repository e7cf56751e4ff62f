using System.Text;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using Xunit;

namespace RealTimeMesh.Testing;

/// <summary>
/// What administration of every broker must do. A broker's test class derives from it and says how one is started.
/// </summary>
public abstract class AdminComplianceSuite : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _open = [];

    /// <summary>Starts a broker whose topics get this many partitions.</summary>
    protected abstract Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time);

    /// <summary>Makes a topic exist, where publishing to it is not enough.</summary>
    protected virtual Task EnsureTopicAsync(IPubSubBroker broker, string topic) => Task.CompletedTask;

    /// <summary>Brokers that stamp records with the clock they were given.</summary>
    protected virtual bool KeepsGivenTime => true;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_topic_is_described_with_the_ends_of_its_partitions()
    {
        var (broker, admin) = await StartAsync(3);
        await PublishAsync(broker, "t", Enumerable.Range(0, 30).Select(n => ($"k{n}", $"v{n}")));
        Assert.Contains("t", await admin.ListTopicsAsync(default));
        var topic = Assert.Single(await admin.DescribeTopicsAsync(["t", "unknown"], default));
        Assert.Equal([0, 1, 2], topic.Partitions.Select(partition => partition.Index));
        Assert.Equal(30, topic.Partitions.Sum(partition => partition.Records));
        Assert.All(topic.Partitions, partition => Assert.Contains(partition.Leader, partition.Replicas));
        if (admin.Capabilities.Sizes)
            Assert.InRange(topic.Partitions.Sum(partition => partition.Bytes!.Value), 30 * 2, 30 * 100);
        Assert.NotEmpty((await admin.DescribeClusterAsync(default)).Brokers);
    }

    [Fact]
    public async Task Topics_are_created_grown_altered_and_deleted()
    {
        var (broker, admin) = await StartAsync(2);
        await admin.CreateTopicAsync(new NewTopic("made", 3, 1, new Dictionary<string, string> { ["retention.bytes"] = "1000000" }), default);
        await RefusedAsync(AdminRefusal.Conflict, () => admin.CreateTopicAsync(new NewTopic("made", 3, 1, new Dictionary<string, string>()), default));
        Assert.Equal(3, (await admin.DescribeTopicsAsync(["made"], default))[0].Partitions.Count);
        Assert.Contains(await admin.GetSettingsAsync("made", default), setting => setting is { Name: "retention.bytes", Value: "1000000", IsDefault: false });

        await admin.AlterSettingsAsync("made", new Dictionary<string, string?> { ["retention.bytes"] = "2000000" }, default);
        Assert.Contains(await admin.GetSettingsAsync("made", default), setting => setting is { Name: "retention.bytes", Value: "2000000" });
        await admin.AlterSettingsAsync("made", new Dictionary<string, string?> { ["retention.bytes"] = null }, default);
        Assert.Contains(await admin.GetSettingsAsync("made", default), setting => setting is { Name: "retention.bytes", IsDefault: true });
        await RefusedAsync(AdminRefusal.Invalid, () => admin.AlterSettingsAsync("made", new Dictionary<string, string?> { ["retention.bytes"] = "much" }, default));
        await RefusedAsync(AdminRefusal.Invalid, () => admin.AlterSettingsAsync("made", new Dictionary<string, string?> { ["no.such.setting"] = "1" }, default));

        await PublishAsync(broker, "made", Enumerable.Range(0, 20).Select(n => ($"k{n}", "v")));
        await admin.AddPartitionsAsync("made", 5, default);
        await RefusedAsync(AdminRefusal.Invalid, () => admin.AddPartitionsAsync("made", 4, default));
        await PublishAsync(broker, "made", Enumerable.Range(0, 200).Select(n => ($"k{n}", "v")));
        var grown = (await admin.DescribeTopicsAsync(["made"], default))[0];
        Assert.Equal(5, grown.Partitions.Count);
        Assert.All(grown.Partitions, partition => Assert.True(partition.Records > 0));
        Assert.Equal(220, grown.Partitions.Sum(partition => partition.Records));

        await admin.DeleteTopicAsync("made", default);
        Assert.DoesNotContain("made", await admin.ListTopicsAsync(default));
        await RefusedAsync(AdminRefusal.NotFound, () => admin.DeleteTopicAsync("made", default));
        await admin.CreateTopicAsync(new NewTopic("made", 2, 1, new Dictionary<string, string>()), default);
        Assert.Equal(0, (await admin.DescribeTopicsAsync(["made"], default))[0].Partitions.Sum(partition => partition.High));
        await RefusedAsync(AdminRefusal.Invalid, () => admin.CreateTopicAsync(new NewTopic("no spaces", 1, 1, new Dictionary<string, string>()), default));
    }

    [Fact]
    public async Task Positions_move_while_a_group_is_empty_and_not_while_it_consumes()
    {
        var (broker, admin) = await StartAsync(2);
        await PublishAsync(broker, "t", Enumerable.Range(0, 40).Select(n => ($"k{n}", "v")));
        var recorder = new BatchRecorder();
        var subscription = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g", MaxBatchCount = 10 }, recorder.HandleAsync, default);
        _open.Add(subscription);
        await recorder.WaitForMessagesAsync(40);
        Assert.False(await admin.MovePositionsAsync("g", [new GroupPosition("t", 0, 1)], default));
        await subscription.DisposeAsync();

        var ends = (await admin.DescribeTopicsAsync(["t"], default))[0].Partitions;
        Assert.Equal(ends.Select(end => new GroupPosition("t", end.Index, end.High)), await admin.GetPositionsAsync("g", default));
        await UntilMovedAsync(admin, "g", [new GroupPosition("t", 0, 1), new GroupPosition("t", 1, 2)]);
        Assert.Equal([new GroupPosition("t", 0, 1), new GroupPosition("t", 1, 2)], await admin.GetPositionsAsync("g", default));
        await RefusedAsync(AdminRefusal.Invalid, () => admin.MovePositionsAsync("g", [new GroupPosition("t", 0, ends[0].High + 1)], default));
        await RefusedAsync(AdminRefusal.NotFound, () => admin.MovePositionsAsync("g", [new GroupPosition("t", 7, 0)], default));
        await RefusedAsync(AdminRefusal.NotFound, () => admin.MovePositionsAsync("g", [new GroupPosition("unknown", 0, 0)], default));
        Assert.Empty(await admin.GetPositionsAsync("stranger", default));
    }

    [Fact]
    public async Task Groups_are_listed_with_their_members()
    {
        var (broker, admin) = await StartAsync(2);
        await PublishAsync(broker, "t", [("a", "1"), ("b", "2"), ("c", "3")]);
        var recorder = new BatchRecorder();
        var subscription = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        _open.Add(subscription);
        await recorder.WaitForMessagesAsync(3);
        Assert.Equal(["g"], await admin.ListGroupsAsync(default));
        var group = await admin.FindGroupAsync("g", default);
        Assert.Equal("Stable", group!.State);
        Assert.Equal([new AssignedPartition("t", 0), new AssignedPartition("t", 1)], Assert.Single(group.Members).Assigned.OrderBy(place => place.Partition));
        await subscription.DisposeAsync();
        group = await admin.FindGroupAsync("g", default);
        Assert.Equal("Empty", group!.State);
        Assert.Empty(group.Members);
        Assert.Null(await admin.FindGroupAsync("stranger", default));
    }

    [Fact]
    public async Task Offsets_are_found_by_time_and_times_by_offset()
    {
        Assert.SkipUnless(KeepsGivenTime, "this broker stamps records by a clock of its own");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var began = time.GetUtcNow();
        var (broker, admin) = await StartAsync(1, time);
        for (var n = 0; n < 5; n++)
        {
            await PublishAsync(broker, "t", [("k", $"{n}")]);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(0, (await admin.FindOffsetsAsync("t", began.AddHours(-1), default))[0]);
        Assert.Equal(2, (await admin.FindOffsetsAsync("t", began.AddMinutes(2), default))[0]);
        Assert.Equal(3, (await admin.FindOffsetsAsync("t", began.AddMinutes(2).AddSeconds(1), default))[0]);
        Assert.Equal(5, (await admin.FindOffsetsAsync("t", began.AddHours(1), default))[0]);
        Assert.Equal(
            [began.ToUnixTimeMilliseconds(), began.AddMinutes(3).ToUnixTimeMilliseconds(), null, began.AddMinutes(1).ToUnixTimeMilliseconds()],
            await admin.GetTimestampsAsync([new GroupPosition("t", 0, 0), new GroupPosition("t", 0, 3), new GroupPosition("t", 0, 5), new GroupPosition("t", 0, 1)], default));
    }

    [Fact]
    public async Task Records_are_read_in_pages_and_appended_as_they_stand()
    {
        var (broker, admin) = await StartAsync(2);
        await EnsureTopicAsync(broker, "from");
        await EnsureTopicAsync(broker, "to");
        var records = Enumerable.Range(0, 25).Select(n => new StoredRecord(0, 0, Encoding.UTF8.GetBytes($"k{n % 5}"), Encoding.UTF8.GetBytes($"v{n}"), MessageHeaders.From([new("h", $"{n}")]))).ToArray();
        await admin.AppendAsync("from", records, default);
        Assert.Equal(25, (await ReadAllAsync(admin, "from", 0)).Count + (await ReadAllAsync(admin, "from", 1)).Count);
        foreach (var partition in (int[])[0, 1])
            await admin.AppendAsync("to", [.. (await ReadAllAsync(admin, "from", partition)).Select(found => new StoredRecord(0, 0, Encoding.UTF8.GetBytes(found.Key), Encoding.UTF8.GetBytes(found.Value), MessageHeaders.From([new("h", found.Header)])))], default);
        foreach (var partition in (int[])[0, 1])
            Assert.Equal(await ReadAllAsync(admin, "from", partition), await ReadAllAsync(admin, "to", partition));

        var some = new List<long>();
        await foreach (var page in admin.ReadAsync(new RecordRange("to", 0, 1, 4) { PageSize = 2 }, default))
        {
            Assert.True(page.Records.Count <= 2);
            some.AddRange(page.Records.Select(record => record.Offset));
        }

        Assert.Equal([1, 2, 3], some);
        await RefusedAsync(AdminRefusal.NotFound, () => ReadAllAsync(admin, "to", 9));
        await RefusedAsync(AdminRefusal.NotFound, () => ReadAllAsync(admin, "unknown", 0));
    }

    [Fact]
    public async Task A_record_without_a_key_has_none_when_it_is_read()
    {
        var (broker, admin) = await StartAsync(1);
        await EnsureTopicAsync(broker, "t");
        await admin.AppendAsync("t", [new StoredRecord(0, 0, null, "v"u8.ToArray(), default), new StoredRecord(0, 0, "k"u8.ToArray(), "v"u8.ToArray(), default)], default);
        var keys = new List<bool>();
        await foreach (var page in admin.ReadAsync(new RecordRange("t", 0, 0, long.MaxValue), default))
            keys.AddRange(page.Records.Select(record => record.Key is not null));
        Assert.Equal([false, true], keys);
    }

    [Fact]
    public async Task Partitions_are_given_to_members_that_hold_them_until_the_group_changes()
    {
        var (broker, admin) = await StartAsync(4);
        Assert.SkipUnless(admin.Capabilities.Assigns, "members of this broker's groups divide partitions among themselves");
        await PublishAsync(broker, "t", [("a", "1")]);
        await using var first = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, new BatchRecorder().HandleAsync, default);
        await using var second = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, new BatchRecorder().HandleAsync, default);
        var members = (await admin.FindGroupAsync("g", default))!.Members;
        Assert.All(members, member => Assert.Equal(2, member.Assigned.Count));
        await admin.AssignAsync("t", "g", new Dictionary<int, string> { [0] = members[1].Id }, default);
        members = (await admin.FindGroupAsync("g", default))!.Members;
        Assert.Equal([2], members[0].Assigned.Select(place => place.Partition));
        Assert.Equal([0, 1, 3], members[1].Assigned.Select(place => place.Partition).Order());
        await RefusedAsync(AdminRefusal.Conflict, () => admin.AssignAsync("t", "g", new Dictionary<int, string> { [0] = "nobody" }, default));
        await second.DisposeAsync();
        Assert.Equal(4, Assert.Single((await admin.FindGroupAsync("g", default))!.Members).Assigned.Count);
    }

    protected async Task<(IPubSubBroker Broker, IBrokerAdmin Admin)> StartAsync(int partitions, TimeProvider? time = null)
    {
        var broker = await StartBrokerAsync(partitions, time ?? TimeProvider.System);
        _open.Add(broker);
        return (broker, Assert.IsType<IAdministeredBroker>(broker, exactMatch: false).Administration);
    }

    protected async Task PublishAsync(IPubSubBroker broker, string topic, IEnumerable<(string Key, string Value)> messages)
    {
        await EnsureTopicAsync(broker, topic);
        var result = await broker.PublishAsync(topic, [.. messages.Select(message => new OutgoingMessage(message.Key, Encoding.UTF8.GetBytes(message.Value), default))], default);
        Assert.True(result.Succeeded, result.Succeeded ? "" : result.Failures[0].Error.ToString());
    }

    private static async Task<List<(string Key, string Value, string Header)>> ReadAllAsync(IBrokerAdmin admin, string topic, int partition)
    {
        var found = new List<(string, string, string)>();
        await foreach (var page in admin.ReadAsync(new RecordRange(topic, partition, 0, long.MaxValue) { PageSize = 7 }, default))
            found.AddRange(page.Records.Select(record => (Encoding.UTF8.GetString(record.Key!.Value.Span), Encoding.UTF8.GetString(record.Value!.Value.Span), record.Headers.Find("h") ?? "")));
        return found;
    }

    /// <summary>A group is empty a moment after its member has said so.</summary>
    private static async Task UntilMovedAsync(IBrokerAdmin admin, string group, IReadOnlyList<GroupPosition> positions)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await admin.MovePositionsAsync(group, positions, default))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    private static async Task RefusedAsync(AdminRefusal refusal, Func<Task> request)
    {
        var refused = await Assert.ThrowsAsync<AdminException>(request);
        Assert.True(refused.Refusal == refusal, $"{refused.Refusal}: {refused.Message}");
    }
}
