using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Components;
using RocksDbSharp;

namespace RealTimeMesh.RocksDb;

/// <summary>Administration of the log: topics that come, grow and go, their settings, everyone's positions.</summary>
internal sealed partial class RocksDbLog
{
    public const string RetentionTimeSetting = "retention.ms";
    public const string RetentionBytesSetting = "retention.bytes";

    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _settings = new(StringComparer.Ordinal);

    /// <summary>The highest number a deleted topic had: none is given twice, so that who still holds an old topic never reads a new one's records.</summary>
    private uint _lastTopicId;

    public IReadOnlyDictionary<string, string> SettingDefaults => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [RetentionTimeSetting] = Limit((long)_options.RetentionTime.TotalMilliseconds),
        [RetentionBytesSetting] = Limit(_options.RetentionBytes),
    };

    public void DeleteTopic(LogTopic topic)
    {
        lock (_topicCreation)
        {
            _writer.Exclusively(() =>
            {
                using var batch = new WriteBatch();
                using (var lease = _database.Use())
                    CommitKeys(lease.Engine, topic).ForEach(key => batch.Delete(key));
                foreach (var partition in topic.Partitions)
                {
                    var (first, end) = (new byte[LogKeys.MessageLength], new byte[LogKeys.MessageLength]);
                    LogKeys.Message(first, topic.Id, partition.Index, 0);
                    LogKeys.Message(end, topic.Id, partition.Index, long.MaxValue);
                    batch.DeleteRange(first, (ulong)first.Length, end, (ulong)end.Length);
                    batch.Delete(LogKeys.Low(topic.Id, partition.Index));
                }

                var last = new byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(last, Math.Max(_lastTopicId, topic.Id));
                batch.Put(LogKeys.LastTopicId.ToArray(), last);
                batch.Delete(LogKeys.Settings(topic.Name));
                batch.Delete(LogKeys.Topic(topic.Name));
                _database.Write(batch, _synced);
                topic.Delete();
                _lastTopicId = Math.Max(_lastTopicId, topic.Id);
                _topics.TryRemove(topic.Name, out _);
                _settings.TryRemove(topic.Name, out _);
                // Who reads or waits there now finds nothing more.
                foreach (var partition in topic.Partitions)
                    partition.Truncate(partition.High);
            });
        }
    }

    public void Grow(LogTopic topic, int partitions)
    {
        lock (_topicCreation)
        {
            var further = topic.Further(partitions);
            if (further.Count == 0)
                return;
            Put(LogKeys.Topic(topic.Name), TopicValue(topic.Id, partitions), _synced);
            // The writer's ends first: whoever sees the new partitions finds them there.
            _topics[topic.Name] = (topic, [.. _topics[topic.Name].Tails, .. further.Select(partition => new PartitionTail(partition))]);
            topic.Grow(further);
        }
    }

    public IReadOnlyDictionary<string, string> GetSettings(LogTopic topic) => _settings.GetValueOrDefault(topic.Name) ?? new Dictionary<string, string>();

    public void SetSettings(LogTopic topic, IReadOnlyDictionary<string, string> settings)
    {
        Put(LogKeys.Settings(topic.Name), JsonSerializer.SerializeToUtf8Bytes(settings), _synced);
        _settings[topic.Name] = settings;
    }

    public IReadOnlyList<LogCommit> AllCommitted()
    {
        var topics = _topics.Values.ToDictionary(entry => entry.Topic.Id, entry => entry.Topic);
        var commits = new List<LogCommit>();
        using var lease = _database.Use();
        using var iterator = lease.Engine.NewIterator(null, _read);
        for (iterator.Seek(LogKeys.CommittedPrefix); iterator.Valid() && iterator.GetKeySpan().StartsWith(LogKeys.CommittedPrefix); iterator.Next())
        {
            var (topic, partition, group) = LogKeys.ReadCommitted(iterator.GetKeySpan());
            if (topics.TryGetValue(topic, out var found) && partition < found.Partitions.Count)
                commits.Add(new LogCommit(found.Partitions[partition], group, BinaryPrimitives.ReadInt64BigEndian(iterator.GetValueSpan())));
        }

        return commits;
    }

    public long? FindTimestamp(LogPartition partition, long offset) => FindStamp(partition, offset)?.Timestamp;

    public long SizeOf(LogPartition partition)
    {
        var (low, high) = (partition.Low, partition.High);
        if (low == high || FindStamp(partition, high - 1) is not { } last)
            return 0;
        // Counters run along the partition: what came before the oldest record is not held any more.
        return low == 0 ? last.TotalBytes : FindStamp(partition, low - 1) is { } before ? last.TotalBytes - before.TotalBytes : Held(partition, low, last.TotalBytes);
    }

    /// <summary>Runs an action while no topic comes or goes.</summary>
    internal void WhileTopicsStay(Action action)
    {
        lock (_topicCreation)
            action();
    }

    /// <summary>How long records of a topic are kept; zero for good.</summary>
    internal TimeSpan RetentionTimeOf(LogTopic topic) =>
        Setting(topic, RetentionTimeSetting) is { } ms ? ms > 0 ? TimeSpan.FromMilliseconds(Math.Min(ms, long.MaxValue / TimeSpan.TicksPerMillisecond / 2)) : TimeSpan.Zero : _options.RetentionTime;

    /// <summary>Bytes that a partition of a topic keeps; zero for all.</summary>
    internal long RetentionBytesOf(LogTopic topic) => Setting(topic, RetentionBytesSetting) is { } bytes ? Math.Max(0, bytes) : _options.RetentionBytes;

    private PartitionTail[] TailsOf(LogTopic topic) => _topics.TryGetValue(topic.Name, out var found) && found.Topic == topic ? found.Tails : throw AdminException.NoTopic(topic.Name);

    private long? Setting(LogTopic topic, string name) =>
        _settings.TryGetValue(topic.Name, out var settings) && settings.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    private IReadOnlyDictionary<string, string> ReadSettings(LogTopic topic)
    {
        using var lease = _database.Use();
        return lease.Engine.Get(LogKeys.Settings(topic.Name)) is { } stored ? JsonSerializer.Deserialize<Dictionary<string, string>>(stored)! : new Dictionary<string, string>();
    }

    private (long Timestamp, long TotalBytes)? FindStamp(LogPartition partition, long offset)
    {
        Span<byte> key = stackalloc byte[LogKeys.MessageLength];
        LogKeys.Message(key, partition.Topic.Id, partition.Index, offset);
        using var lease = _database.Use();
        if (lease.Engine.Get(key) is not { } record)
            return null;
        return LogRecord.Verify(record, offset)
            ? (LogRecord.Timestamp(record), LogRecord.TotalBytes(record))
            : throw Damaged(partition, offset, "a record whose checksum is wrong");
    }

    private long Held(LogPartition partition, long low, long total)
    {
        Span<byte> key = stackalloc byte[LogKeys.MessageLength];
        LogKeys.Message(key, partition.Topic.Id, partition.Index, low);
        using var lease = _database.Use();
        return lease.Engine.Get(key) is { } record ? total - LogRecord.TotalBytes(record) + record.Length : 0;
    }

    private List<byte[]> CommitKeys(RocksDbSharp.RocksDb engine, LogTopic topic)
    {
        var keys = new List<byte[]>();
        var prefix = LogKeys.CommittedOf(topic.Id);
        using var iterator = engine.NewIterator(null, _read);
        for (iterator.Seek(prefix); iterator.Valid() && iterator.GetKeySpan().StartsWith(prefix); iterator.Next())
            keys.Add(iterator.Key());
        return keys;
    }

    private static string Limit(long value) => (value > 0 ? value : -1).ToString(CultureInfo.InvariantCulture);
}
