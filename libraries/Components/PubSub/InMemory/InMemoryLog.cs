using System.Collections.Concurrent;

namespace RealTimeMesh.Components;

/// <summary>Messages in memory, by partition; the oldest go when a partition holds more than its bytes.</summary>
internal sealed class InMemoryLog(int partitions, long retentionBytes, TimeProvider time) : IMessageLog
{
    /// <summary>256 MiB of values a partition.</summary>
    public const long DefaultRetentionBytes = 256L * 1024 * 1024;

    private readonly ConcurrentDictionary<string, LogTopic> _topics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<LogPartition, Store> _stores = new();
    private readonly ConcurrentDictionary<(LogPartition Partition, string Group), long> _committed = new();
    private readonly Lock _gate = new();

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
            var touched = new HashSet<LogPartition>();
            foreach (var message in messages)
            {
                var partition = topic.PartitionFor(message.Key);
                StoreOf(partition).Append(now, message);
                touched.Add(partition);
            }

            foreach (var partition in touched)
                StoreOf(partition).Publish(retentionBytes);
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

    private Store StoreOf(LogPartition partition) => _stores.GetOrAdd(partition, static p => new Store(p));

    private sealed class Store(LogPartition partition)
    {
        private readonly Lock _gate = new();
        private readonly List<DeliveredMessage> _messages = [];
        private long _first;
        private long _bytes;
        private long _kept;

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
