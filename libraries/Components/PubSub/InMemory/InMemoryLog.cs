using System.Collections.Concurrent;
using System.Globalization;

namespace RealTimeMesh.Components;

/// <summary>Messages in memory, by partition; the oldest go when a partition holds more than its bytes.</summary>
internal sealed class InMemoryLog(int partitions, long retentionBytes, TimeProvider time) : IAdministeredLog
{
    /// <summary>256 MiB of values a partition.</summary>
    public const long DefaultRetentionBytes = 256L * 1024 * 1024;

    private readonly ConcurrentDictionary<string, LogTopic> _topics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<LogPartition, Store> _stores = new();
    private readonly ConcurrentDictionary<(LogPartition Partition, string Group), long> _committed = new();
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _settings = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public IReadOnlyDictionary<string, string> SettingDefaults { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["retention.bytes"] = retentionBytes.ToString(CultureInfo.InvariantCulture) };

    public LogTopic? FindTopic(string name) => _topics.GetValueOrDefault(name);

    public LogTopic EnsureTopic(string name) => _topics.GetOrAdd(name, n => new LogTopic(n, 0, partitions));

    public IReadOnlyList<string> TopicNames() => [.. _topics.Keys];

    public Task AppendAsync(LogTopic topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // One writer at a time: a publish is atomic also for readers of several partitions.
        lock (_gate)
        {
            if (topic.IsDeleted)
                throw AdminException.NoTopic(topic.Name);
            var touched = new HashSet<LogPartition>();
            foreach (var message in messages)
            {
                var partition = topic.PartitionFor(message.Key);
                StoreOf(partition).Append(now, message);
                touched.Add(partition);
            }

            foreach (var partition in touched)
                StoreOf(partition).Publish(RetentionOf(topic));
        }

        return Task.CompletedTask;
    }

    public long Read(LogPartition partition, long offset, LogBatch batch) => StoreOf(partition).Read(offset, batch);

    public IReadOnlyDictionary<int, long> GetCommitted(LogTopic topic, string group)
    {
        var result = new Dictionary<int, long>();
        foreach (var partition in topic.Partitions)
        {
            if (_committed.TryGetValue((partition, group), out var offset))
                result[partition.Index] = offset;
        }

        return result;
    }

    public void Commit(LogPartition partition, string group, long offset) => _committed[(partition, group)] = offset;

    public LogTopic? CreateTopic(string name, int? count)
    {
        var topic = new LogTopic(name, 0, count ?? partitions);
        return _topics.TryAdd(name, topic) ? topic : null;
    }

    public void DeleteTopic(LogTopic topic)
    {
        lock (_gate)
        {
            topic.Delete();
            _topics.TryRemove(topic.Name, out _);
            _settings.TryRemove(topic.Name, out _);
            foreach (var partition in topic.Partitions)
                _stores.TryRemove(partition, out _);
            foreach (var key in _committed.Keys.Where(key => key.Partition.Topic == topic))
                _committed.TryRemove(key, out _);
        }
    }

    public void Grow(LogTopic topic, int count)
    {
        lock (_gate)
            topic.Grow(topic.Further(count));
    }

    public IReadOnlyDictionary<string, string> GetSettings(LogTopic topic) => _settings.GetValueOrDefault(topic.Name) ?? new Dictionary<string, string>();

    public void SetSettings(LogTopic topic, IReadOnlyDictionary<string, string> settings) => _settings[topic.Name] = settings;

    public IReadOnlyList<LogCommit> AllCommitted() => [.. _committed.Select(pair => new LogCommit(pair.Key.Partition, pair.Key.Group, pair.Value))];

    public long? FindTimestamp(LogPartition partition, long offset) => StoreOf(partition).FindTimestamp(offset);

    public long SizeOf(LogPartition partition) => StoreOf(partition).Kept;

    private long RetentionOf(LogTopic topic) =>
        !GetSettings(topic).TryGetValue("retention.bytes", out var text) ? retentionBytes : long.Parse(text, CultureInfo.InvariantCulture) is > 0 and var bytes ? bytes : long.MaxValue;

    private Store StoreOf(LogPartition partition) => _stores.GetOrAdd(partition, static p => new Store(p));

    private sealed class Store(LogPartition partition)
    {
        private readonly Lock _gate = new();
        private readonly List<DeliveredMessage> _messages = [];
        private long _first;
        private long _bytes;
        private long _kept;

        public long Kept
        {
            get
            {
                lock (_gate)
                    return _kept;
            }
        }

        public long? FindTimestamp(long offset)
        {
            lock (_gate)
                return offset >= _first && offset < _first + _messages.Count ? _messages[(int)(offset - _first)].Timestamp : null;
        }

        public void Append(long timestamp, in OutgoingMessage message)
        {
            lock (_gate)
            {
                _messages.Add(new DeliveredMessage(_first + _messages.Count, timestamp, message.Key, message.Value.ToArray(), new MessageHeaders(message.Headers.Block.ToArray())));
                _bytes += message.Value.Length;
                _kept += message.Value.Length;
            }
        }

        public void Publish(long retentionBytes)
        {
            lock (_gate)
            {
                var gone = 0;
                for (; _kept > retentionBytes && gone < _messages.Count - 1; gone++)
                    _kept -= _messages[gone].Value.Length;
                _messages.RemoveRange(0, gone);
                _first += gone;
                partition.Truncate(_first);
                partition.Advance(_first + _messages.Count, _bytes);
            }
        }

        public long Read(long offset, LogBatch batch)
        {
            lock (_gate)
            {
                offset = Math.Max(offset, _first);
                for (; offset < partition.High && !batch.IsFull; offset++)
                {
                    var message = _messages[(int)(offset - _first)];
                    if (!batch.Admits(message.Value.Length))
                        break;
                    batch.Add(message);
                }

                return offset;
            }
        }
    }
}
