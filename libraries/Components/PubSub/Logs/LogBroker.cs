namespace RealTimeMesh.Components;

/// <summary>A broker over a partitioned log.</summary>
/// <param name="log">The storage.</param>
/// <param name="groups">The consumer groups of that storage.</param>
/// <param name="capabilities">What the storage can do.</param>
/// <param name="release">Called once when the broker has been disposed of.</param>
public sealed class LogBroker(IAdministeredLog log, ConsumerGroups groups, PubSubCapabilities capabilities, Func<ValueTask> release) : IPubSubBroker, IAdministeredBroker
{
    private readonly OpenSubscriptions<Subscription> _subscriptions = new();
    private readonly string _client = groups.NewClient();

    public PubSubCapabilities Capabilities { get; } = capabilities;

    public IBrokerAdmin Administration { get; } = new LogAdmin(log, groups, "embedded log");

    public async Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_subscriptions.IsClosed, this);
        BrokerChecks.Topic(topic);
        if (messages.Count == 0)
            return PublishResult.Success;
        await log.AppendAsync(log.EnsureTopic(topic), messages, cancellationToken);
        return PublishResult.Success;
    }

    public Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken)
    {
        BrokerChecks.Subscription(options);
        cancellationToken.ThrowIfCancellationRequested();
        var topic = log.EnsureTopic(options.Topic);
        if (!options.FromOldest)
            BeginAtEnd(topic, options.Group);
        var subscription = new Subscription(this, groups.Get(topic, options.Group), new GroupMember(options, handler, _client, _subscriptions.Aborted));
        ObjectDisposedException.ThrowIf(!_subscriptions.TryStart(subscription, static started => started.Join()), this);
        return Task.FromResult<IAsyncDisposable>(subscription);
    }

    public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PartitionWatermarks>>(
            [.. log.FindTopic(topic)?.Partitions.Select(p => new PartitionWatermarks(p.Index, p.Low, p.High)) ?? []]);

    public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) =>
        Task.FromResult(log.FindTopic(topic) is { } found ? log.GetCommitted(found, group) : new Dictionary<int, long>());

    public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken)
    {
        var target = FindPartition(topic, partition);
        if (offset < target.Low || offset > target.High)
            throw new BrokerException($"seek of group '{group}' on '{topic}' partition {partition}: found offset {offset}; expected {target.Low} to {target.High}; choose an offset that the partition holds.");
        if (!groups.Get(target.Topic, group).TryWithoutMembers(() => log.Commit(target, group, offset)))
            throw new BrokerException($"seek of group '{group}' on '{topic}': found members of the group consuming; expected none; stop its consumers first.");
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var source = FindPartition(topic, partition);
        if (count == 0)
            return Task.FromResult<IReadOnlyList<DeliveredMessage>>([]);
        // Never reset: the memory belongs to the caller from here on.
        var batch = new LogBatch(count, int.MaxValue);
        log.Read(source, Math.Max(offset, source.Low), batch);
        return Task.FromResult(batch.Messages);
    }

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. log.TopicNames().Order(StringComparer.Ordinal)]);

    public async ValueTask DisposeAsync()
    {
        if (await _subscriptions.TryCloseAsync())
            await release();
    }

    private void BeginAtEnd(LogTopic topic, string group)
    {
        // Written down, so that a later member of the group doesn't skip what arrives in between.
        var committed = log.GetCommitted(topic, group);
        foreach (var partition in topic.Partitions.Where(p => !committed.ContainsKey(p.Index)))
            log.Commit(partition, group, partition.High);
    }

    private LogPartition FindPartition(string topic, int partition)
    {
        if (log.FindTopic(topic) is not { } found)
            throw new BrokerException($"topic '{topic}': found none of this name; expected one that was published or subscribed to; check the name.");
        return partition >= 0 && partition < found.Partitions.Count
            ? found.Partitions[partition]
            : throw new BrokerException($"topic '{topic}': found partition {partition}; expected 0 to {found.Partitions.Count - 1}; choose one of these.");
    }

    private sealed class Subscription(LogBroker broker, ConsumerGroup group, GroupMember member) : IAsyncDisposable
    {
        public void Join() => group.Join(member);

        public async ValueTask DisposeAsync()
        {
            await group.LeaveAsync(member);
            broker._subscriptions.Remove(this);
        }
    }
}
