using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace RealTimeMesh.Components;

/// <summary>Administration of a log in this process. It is one broker, number 0, without replicas.</summary>
internal sealed class LogAdmin(IAdministeredLog log, ConsumerGroups groups, string name) : IBrokerAdmin
{
    private const int MostPartitions = 1024;
    private static readonly IReadOnlyList<int> Self = [0];

    public AdminCapabilities Capabilities { get; } = new() { Settings = [.. log.SettingDefaults.Keys.Order(StringComparer.Ordinal)], Assigns = true, Sizes = true };

    public Task<ClusterDescription> DescribeClusterAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new ClusterDescription(name, 0, [new BrokerNode(0, "in-process", 0)]));

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. log.TopicNames().Order(StringComparer.Ordinal)]);

    public Task<IReadOnlyList<TopicDescription>> DescribeTopicsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) => OnPool<IReadOnlyList<TopicDescription>>(
        () => [.. topics.Select(log.FindTopic).OfType<LogTopic>().Select(topic => new TopicDescription(topic.Name, [.. topic.Partitions.Select(Describe)]))]);

    public Task<IReadOnlyList<TopicSetting>> GetSettingsAsync(string topic, CancellationToken cancellationToken) => OnPool<IReadOnlyList<TopicSetting>>(() =>
    {
        var set = log.GetSettings(Topic(topic));
        return [.. log.SettingDefaults.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new TopicSetting(pair.Key, set.GetValueOrDefault(pair.Key, pair.Value), !set.ContainsKey(pair.Key), IsReadOnly: false))];
    });

    public Task CreateTopicAsync(NewTopic topic, CancellationToken cancellationToken) => OnPool(() =>
    {
        TopicNames.Check(topic.Name);
        if (topic.Partitions is { } count)
            CheckCount(topic.Name, count, 1);
        if (topic.Replicas is > 1)
            throw new AdminException(AdminRefusal.Invalid, $"topic '{topic.Name}': found {topic.Replicas} replicas; expected 1: this log is one process; use Kafka for replicas.");
        foreach (var (setting, value) in topic.Settings)
            CheckSetting(topic.Name, setting, value);
        var created = log.CreateTopic(topic.Name, topic.Partitions) ?? throw AdminException.Exists(topic.Name);
        if (topic.Settings.Count > 0)
            log.SetSettings(created, topic.Settings);
        return true;
    });

    public Task DeleteTopicAsync(string topic, CancellationToken cancellationToken) => OnPool(() =>
    {
        var found = Topic(topic);
        var busy = groups.Of(topic).Where(entry => entry.Group.HasMembers).Select(entry => entry.Name).Order(StringComparer.Ordinal).ToArray();
        if (busy.Length > 0)
            throw new AdminException(AdminRefusal.Conflict, $"topic '{topic}': found members of group {string.Join(", ", busy.Select(group => $"'{group}'"))} consuming it; expected none; stop their apps first.");
        log.DeleteTopic(found);
        groups.Remove(topic);
        return true;
    });

    public Task AlterSettingsAsync(string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken) => OnPool(() =>
    {
        var found = Topic(topic);
        var settings = new Dictionary<string, string>(log.GetSettings(found), StringComparer.Ordinal);
        foreach (var (setting, value) in changes)
        {
            CheckSetting(topic, setting, value);
            if (value is null)
                settings.Remove(setting);
            else
                settings[setting] = value;
        }

        log.SetSettings(found, settings);
        return true;
    });

    public Task AddPartitionsAsync(string topic, int total, CancellationToken cancellationToken) => OnPool(() =>
    {
        var found = Topic(topic);
        CheckCount(topic, total, found.Partitions.Count + 1);
        log.Grow(found, total);
        groups.Grow(topic);
        return true;
    });

    public Task<IReadOnlyList<string>> ListGroupsAsync(CancellationToken cancellationToken) => OnPool<IReadOnlyList<string>>(
        () => [.. log.AllCommitted().Select(commit => commit.Group).Concat(groups.All().Where(entry => entry.Group.HasMembers).Select(entry => entry.Name)).Distinct().Order(StringComparer.Ordinal)]);

    public Task<GroupDescription?> FindGroupAsync(string group, CancellationToken cancellationToken) => OnPool(() =>
    {
        var members = groups.All().Where(entry => entry.Name == group).SelectMany(entry => entry.Group.Describe()).ToArray();
        return members.Length > 0 || log.AllCommitted().Any(commit => commit.Group == group)
            ? new GroupDescription(group, members.Length > 0 ? "Stable" : "Empty", members)
            : null;
    });

    public Task<IReadOnlyList<GroupPosition>> GetPositionsAsync(string group, CancellationToken cancellationToken) => OnPool<IReadOnlyList<GroupPosition>>(
        () => [.. log.AllCommitted().Where(commit => commit.Group == group).Select(commit => new GroupPosition(commit.Partition.Topic.Name, commit.Partition.Index, commit.Offset))
            .OrderBy(position => position.Topic, StringComparer.Ordinal).ThenBy(position => position.Partition)]);

    public Task<IReadOnlyList<GroupState>> DescribeGroupsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => OnPool<IReadOnlyList<GroupState>>(() =>
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var positions = log.AllCommitted().Where(commit => wanted.Contains(commit.Group))
            .ToLookup(commit => commit.Group, commit => new GroupPosition(commit.Partition.Topic.Name, commit.Partition.Index, commit.Offset), StringComparer.Ordinal);
        var members = groups.All().Where(entry => wanted.Contains(entry.Name)).ToLookup(entry => entry.Name, entry => entry.Group, StringComparer.Ordinal);
        var found = new List<GroupState>();
        foreach (var name in names)
        {
            MemberDescription[] live = [.. members[name].SelectMany(group => group.Describe())];
            if (live.Length > 0 || positions.Contains(name))
                found.Add(new GroupState(new GroupDescription(name, live.Length > 0 ? "Stable" : "Empty", live), [.. positions[name].OrderBy(position => position.Topic, StringComparer.Ordinal).ThenBy(position => position.Partition)]));
        }

        return found;
    });

    public Task<bool> MovePositionsAsync(string group, IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken) => OnPool(() =>
    {
        var targets = positions.Select(position => (Partition: Partition(position.Topic, position.Partition), position.Offset)).ToArray();
        foreach (var (partition, offset) in targets)
        {
            if (offset < partition.Low || offset > partition.High)
                throw new AdminException(AdminRefusal.Invalid, $"group '{group}' on '{partition.Topic.Name}' partition {partition.Index}: found offset {offset}; expected {partition.Low} to {partition.High}; choose an offset that the partition holds.");
        }

        return groups.TryWithoutMembers([.. targets.Select(target => target.Partition.Topic).Distinct()], group, () =>
        {
            foreach (var (partition, offset) in targets)
                log.Commit(partition, group, offset);
        });
    });

    public Task<IReadOnlyDictionary<int, long>> FindOffsetsAsync(string topic, DateTimeOffset time, CancellationToken cancellationToken) => OnPool<IReadOnlyDictionary<int, long>>(
        () => Topic(topic).Partitions.ToDictionary(partition => partition.Index, partition => FirstAt(partition, time.ToUnixTimeMilliseconds())));

    public Task<IReadOnlyList<long?>> GetTimestampsAsync(IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken) => OnPool<IReadOnlyList<long?>>(
        () => [.. positions.Select(position => log.FindTopic(position.Topic) is { } topic && position.Partition < topic.Partitions.Count
            ? log.FindTimestamp(topic.Partitions[position.Partition], Math.Max(position.Offset, topic.Partitions[position.Partition].Low))
            : null)]);

    public async IAsyncEnumerable<RecordPage> ReadAsync(RecordRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partition = Partition(range.Topic, range.Partition);
        var batch = new LogBatch(range.PageSize, range.PageBytes);
        var records = new List<StoredRecord>();
        try
        {
            for (var offset = range.From; offset < Math.Min(range.To, partition.High);)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // Reading blocks on the disk: not on the thread of whoever asks.
                offset = await Task.Run(() => log.Read(partition, Math.Max(offset, partition.Low), batch), cancellationToken);
                foreach (var message in batch.Messages.Where(message => message.Offset < range.To))
                    records.Add(new StoredRecord(message.Offset, message.Timestamp, message.Key is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(message.Key), message.Value, message.Headers));
                yield return new RecordPage(records, Math.Min(offset, range.To));
                records.Clear();
                batch.Reset();
            }
        }
        finally
        {
            batch.Reset();
        }
    }

    public Task AppendAsync(string topic, IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
    {
        TopicNames.Check(topic);
        return records.Count == 0
            ? Task.CompletedTask
            : log.AppendAsync(
                log.EnsureTopic(topic),
                [.. records.Select(record => new OutgoingMessage(record.Key is { } key ? Encoding.UTF8.GetString(key.Span) : null, record.Value ?? ReadOnlyMemory<byte>.Empty, record.Headers))],
                cancellationToken);
    }

    public Task AssignAsync(string topic, string group, IReadOnlyDictionary<int, string> assignment, CancellationToken cancellationToken) => OnPool(() =>
    {
        foreach (var partition in assignment.Keys)
            Partition(topic, partition);
        groups.Get(Topic(topic), group).Assign(assignment);
        return true;
    });

    private static Task<T> OnPool<T>(Func<T> work) => Task.Run(work);

    private PartitionDescription Describe(LogPartition partition) => new(partition.Index, partition.Low, partition.High, 0, Self, Self, log.SizeOf(partition));

    private LogTopic Topic(string topic) => log.FindTopic(topic) ?? throw AdminException.NoTopic(topic);

    private LogPartition Partition(string topic, int partition)
    {
        var found = Topic(topic);
        return partition >= 0 && partition < found.Partitions.Count ? found.Partitions[partition] : throw AdminException.NoPartition(topic, partition, found.Partitions.Count);
    }

    private long FirstAt(LogPartition partition, long timestamp)
    {
        var (low, high) = (partition.Low, partition.High);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            // Gone by retention meanwhile: what is left lies behind it.
            if (log.FindTimestamp(partition, middle) is { } found && found >= timestamp)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private static void CheckCount(string topic, int count, int least)
    {
        if (count < least || count > MostPartitions)
            throw new AdminException(AdminRefusal.Invalid, $"topic '{topic}': found {count} partitions; expected {least} to {MostPartitions}; partitions can be added and never taken away.");
    }

    private void CheckSetting(string topic, string setting, string? value)
    {
        if (!log.SettingDefaults.ContainsKey(setting))
            throw new AdminException(AdminRefusal.Invalid, $"topic '{topic}': found setting '{setting}'; expected one of {string.Join(", ", Capabilities.Settings)}; this log has no others.");
        if (value is not null && !(long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (number == -1 || number > 0)))
            throw new AdminException(AdminRefusal.Invalid, $"topic '{topic}': found {setting} '{value}'; expected a whole number above 0, or -1 for no limit; correct it.");
    }
}
