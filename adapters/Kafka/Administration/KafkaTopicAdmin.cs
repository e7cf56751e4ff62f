using Confluent.Kafka;
using Confluent.Kafka.Admin;
using RealTimeMesh.Components;
using GroupDescription = RealTimeMesh.Components.GroupDescription;
using TopicDescription = RealTimeMesh.Components.TopicDescription;

namespace RealTimeMesh.Kafka;

/// <summary>Administration of a Kafka cluster by the client's administration API.</summary>
internal sealed class KafkaTopicAdmin(IAdminClient admin, KafkaAdmin offsets, TopicCatalogue catalogue, RecordReader reader, RawProducer producer, TimeSpan timeout) : IBrokerAdmin
{
    /// <summary>The list of brokers is known already: what is asked beside it may not hold it up.</summary>
    private static readonly TimeSpan IdentityTimeout = TimeSpan.FromSeconds(2);

    private readonly KafkaGroups _groups = new(admin, timeout);

    public AdminCapabilities Capabilities { get; } = new() { Replicates = true };

    public async Task<ClusterDescription> DescribeClusterAsync(CancellationToken cancellationToken)
    {
        var metadata = await catalogue.MetadataAsync(null, cancellationToken);
        var (id, controller) = ("", -1);
        try
        {
            var found = await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = timeout < IdentityTimeout ? timeout : IdentityTimeout }).WaitAsync(cancellationToken);
            (id, controller) = (found.ClusterId ?? "", found.Controller?.Id ?? -1);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion or ErrorCode.Local_TimedOut)
        {
            // Older brokers and stand-ins tell neither; the list of brokers is known all the same.
        }
        catch (KafkaException e)
        {
            throw KafkaRefusals.Of("cluster", e);
        }

        return new ClusterDescription(id, controller, [.. metadata.Brokers.OrderBy(broker => broker.BrokerId).Select(broker => new BrokerNode(broker.BrokerId, broker.Host, broker.Port))]);
    }

    public async Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => await catalogue.NamesAsync(cancellationToken);

    public async Task<IReadOnlyList<TopicDescription>> DescribeTopicsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        var known = (await catalogue.MetadataAsync(null, cancellationToken)).Topics.Where(topic => !topic.Error.IsError).ToDictionary(topic => topic.Topic, StringComparer.Ordinal);
        var found = topics.Where(known.ContainsKey).ToArray();
        var watermarks = await Task.WhenAll(found.Select(topic => offsets.WatermarksAsync(topic, known[topic].Partitions.Count, cancellationToken)));
        return [.. found.Zip(watermarks, (topic, ends) => new TopicDescription(
            topic,
            [.. known[topic].Partitions.OrderBy(partition => partition.PartitionId).Zip(ends, (partition, end) => new PartitionDescription(
                partition.PartitionId, end.Low, end.High, partition.Leader, partition.Replicas, partition.InSyncReplicas, null))]))];
    }

    public async Task<IReadOnlyList<TopicSetting>> GetSettingsAsync(string topic, CancellationToken cancellationToken)
    {
        await PartitionsAsync(topic, cancellationToken);
        var results = await KafkaRefusals.GuardAsync(
            $"settings of topic '{topic}'",
            () => admin.DescribeConfigsAsync([Resource(topic)], new DescribeConfigsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken));
        return [.. results[0].Entries.Values.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => new TopicSetting(
            entry.Name, entry.IsSensitive ? null : entry.Value, entry.Source != ConfigSource.DynamicTopicConfig, entry.IsReadOnly))];
    }

    public async Task CreateTopicAsync(NewTopic topic, CancellationToken cancellationToken)
    {
        var wanted = new TopicSpecification
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions ?? -1,
            ReplicationFactor = (short)(topic.Replicas ?? -1),
            Configs = new Dictionary<string, string>(topic.Settings),
        };
        await KafkaRefusals.GuardAsync($"topic '{topic.Name}'", () => admin.CreateTopicsAsync([wanted], new CreateTopicsOptions { RequestTimeout = timeout, OperationTimeout = timeout }).WaitAsync(cancellationToken));
    }

    public async Task DeleteTopicAsync(string topic, CancellationToken cancellationToken)
    {
        await KafkaRefusals.GuardAsync($"topic '{topic}'", () => admin.DeleteTopicsAsync([topic], new DeleteTopicsOptions { RequestTimeout = timeout, OperationTimeout = timeout }).WaitAsync(cancellationToken));
        catalogue.Forget(topic);
    }

    public async Task AlterSettingsAsync(string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken)
    {
        await PartitionsAsync(topic, cancellationToken);
        var entries = changes.Select(change => new ConfigEntry { Name = change.Key, Value = change.Value ?? "", IncrementalOperation = change.Value is null ? AlterConfigOpType.Delete : AlterConfigOpType.Set }).ToList();
        await KafkaRefusals.GuardAsync(
            $"settings of topic '{topic}'",
            () => admin.IncrementalAlterConfigsAsync(new() { [Resource(topic)] = entries }, new IncrementalAlterConfigsOptions { RequestTimeout = timeout }).WaitAsync(cancellationToken));
    }

    public async Task AddPartitionsAsync(string topic, int total, CancellationToken cancellationToken)
    {
        var before = await PartitionsAsync(topic, cancellationToken);
        if (total <= before)
            throw new AdminException(AdminRefusal.Invalid, $"topic '{topic}': found {total} partitions; expected more than the {before} it has; partitions can be added and never taken away.");
        await KafkaRefusals.GuardAsync(
            $"topic '{topic}'",
            () => admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = total }], new CreatePartitionsOptions { RequestTimeout = timeout, OperationTimeout = timeout }).WaitAsync(cancellationToken));
        catalogue.Expire(topic);
    }

    public Task<IReadOnlyList<string>> ListGroupsAsync(CancellationToken cancellationToken) => _groups.ListAsync(cancellationToken);

    public Task<GroupDescription?> FindGroupAsync(string group, CancellationToken cancellationToken) => _groups.FindAsync(group, cancellationToken);

    public async Task<IReadOnlyList<GroupPosition>> GetPositionsAsync(string group, CancellationToken cancellationToken)
    {
        var positions = await _groups.PositionsAsync(group, [], cancellationToken);
        if (positions is not null)
            return positions;
        // A broker that cannot be asked for all of a group's positions is asked for those on the topics there are.
        var topics = (await catalogue.MetadataAsync(null, cancellationToken)).Topics;
        return await _groups.PositionsAsync(group, [.. topics.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition.PartitionId)))], cancellationToken) ?? [];
    }

    public async Task<bool> MovePositionsAsync(string group, IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken)
    {
        foreach (var topic in positions.GroupBy(position => position.Topic, StringComparer.Ordinal))
        {
            var ends = await offsets.WatermarksAsync(topic.Key, await PartitionsAsync(topic.Key, cancellationToken), cancellationToken);
            foreach (var position in topic)
            {
                if (position.Partition < 0 || position.Partition >= ends.Count)
                    throw AdminException.NoPartition(topic.Key, position.Partition, ends.Count);
                if (position.Offset < ends[position.Partition].Low || position.Offset > ends[position.Partition].High)
                    throw new AdminException(AdminRefusal.Invalid, $"group '{group}' on '{topic.Key}' partition {position.Partition}: found offset {position.Offset}; expected {ends[position.Partition].Low} to {ends[position.Partition].High}; choose an offset that the partition holds.");
            }
        }

        return await _groups.MoveAsync(group, positions, cancellationToken);
    }

    public async Task<IReadOnlyDictionary<int, long>> FindOffsetsAsync(string topic, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var partitions = await PartitionsAsync(topic, cancellationToken);
        var found = await offsets.AtAsync(topic, partitions, time.ToUnixTimeMilliseconds(), cancellationToken);
        var ends = found.Any(offset => offset < 0) ? await offsets.EndsAsync(topic, partitions, cancellationToken) : found;
        return Enumerable.Range(0, partitions).ToDictionary(partition => partition, partition => found[partition] < 0 ? ends[partition] : found[partition]);
    }

    public Task<IReadOnlyList<long?>> GetTimestampsAsync(IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken) => reader.TimestampsAsync(positions, cancellationToken);

    public async IAsyncEnumerable<RecordPage> ReadAsync(RecordRange range, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partitions = await PartitionsAsync(range.Topic, cancellationToken);
        if (range.Partition < 0 || range.Partition >= partitions)
            throw AdminException.NoPartition(range.Topic, range.Partition, partitions);
        var ends = (await offsets.WatermarksAsync(range.Topic, partitions, cancellationToken))[range.Partition];
        await foreach (var page in reader.ReadAsync(range with { From = Math.Max(range.From, ends.Low), To = Math.Min(range.To, ends.High) }, cancellationToken))
            yield return page;
    }

    public async Task AppendAsync(string topic, IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count > 0)
            await producer.AppendAsync(topic, await catalogue.PartitionsAsync(topic, cancellationToken), records, cancellationToken);
    }

    public Task AssignAsync(string topic, string group, IReadOnlyDictionary<int, string> assignment, CancellationToken cancellationToken) =>
        throw new AdminException(AdminRefusal.Unsupported, $"assignment of '{topic}' in group '{group}': found a Kafka group, whose members divide its partitions among themselves; expected a broker that assigns; choose consumerGroupRebalanceStrategy, or add partitions or members.");

    private async Task<int> PartitionsAsync(string topic, CancellationToken cancellationToken) =>
        await catalogue.FindAsync(topic, cancellationToken) ?? throw AdminException.NoTopic(topic);

    private static ConfigResource Resource(string topic) => new() { Type = ResourceType.Topic, Name = topic };
}
