using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RocksDbSharp;

namespace RealTimeMesh.RocksDb;

/// <summary>A partitioned log in a RocksDB database.</summary>
internal sealed partial class RocksDbLog : IAdministeredLog, IDisposable
{
    private readonly RocksDbLogOptions _options;
    private readonly Database _database;
    private readonly ByteGate _gate;
    private readonly GroupCommitWriter _writer;
    private readonly Retention _retention;
    private readonly ConcurrentDictionary<string, (LogTopic Topic, PartitionTail[] Tails)> _topics = new(StringComparer.Ordinal);
    private readonly Lock _topicCreation = new();
    private readonly ReadOptions _read = new();
    private readonly WriteOptions _unsynced = new();
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);

    public RocksDbLog(RocksDbLogOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _database = new Database(options.Path);
        try
        {
            LoadTopics();
            LoadEnds();
        }
        catch
        {
            _database.Dispose();
            throw;
        }

        _gate = new ByteGate(options.PublishQueueBytes, options.PublishTimeout, time);
        foreach (var (topic, _) in _topics.Values)
            _settings[topic.Name] = ReadSettings(topic);
        _writer = new GroupCommitWriter(_database, _gate, options.Sync, time, logger, LoadEnds);
        _retention = new Retention(this, options, time, logger);
    }

    internal Database Database => _database;

    internal IEnumerable<LogTopic> Topics => _topics.Values.Select(t => t.Topic);

    public LogTopic? FindTopic(string name) => _topics.TryGetValue(name, out var found) ? found.Topic : null;

    public LogTopic EnsureTopic(string name)
    {
        if (FindTopic(name) is { } known)
            return known;
        lock (_topicCreation)
        {
            if (FindTopic(name) is { } made)
                return made;
            return NewTopic(name, _options.Partitions);
        }
    }

    public LogTopic? CreateTopic(string name, int? partitions)
    {
        lock (_topicCreation)
            return FindTopic(name) is null ? NewTopic(name, partitions ?? _options.Partitions) : null;
    }

    public IReadOnlyList<string> TopicNames() => [.. _topics.Keys];

    public async Task AppendAsync(LogTopic topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        long bytes = 0;
        for (var i = 0; i < messages.Count; i++)
            bytes += LogRecord.LengthOf(messages[i]);
        if (bytes > Array.MaxLength)
            throw new BrokerException($"publish to '{topic.Name}': found {bytes} bytes in one call; expected at most {Array.MaxLength}; publish in smaller batches.");
        await _gate.EnterAsync(bytes, _options.Path, cancellationToken);
        PendingPublish publish;
        try
        {
            publish = new PendingPublish(topic, TailsOf, messages, (int)bytes);
            _writer.Enqueue(publish);
        }
        catch
        {
            _gate.Leave(bytes);
            throw;
        }

        // Not cancelled from here on: it will be written, and the caller must learn how that ends.
        await publish.Task;
    }

    public long Read(LogPartition partition, long offset, LogBatch batch)
    {
        var end = partition.High;
        if (offset >= end)
            return offset;
        using var lease = _database.Use();
        using var iterator = lease.Engine.NewIterator(null, _read);
        // What retention takes away is announced before it is deleted: this iterator still sees all from here on.
        if (offset < partition.Low)
            return offset;
        Span<byte> key = stackalloc byte[LogKeys.MessageLength];
        LogKeys.Message(key, partition.Topic.Id, partition.Index, offset);
        iterator.Seek(key);
        for (; offset < end && !batch.IsFull; offset++)
        {
            if (!iterator.Valid() || LogKeys.OffsetOf(iterator.GetKeySpan(), partition.Topic.Id, partition.Index) != offset)
                throw Damaged(partition, offset, "no record");
            var record = iterator.GetValueSpan();
            if (!LogRecord.Verify(record, offset))
                throw Damaged(partition, offset, "a record whose checksum is wrong");
            if (!AddTo(batch, record, offset))
                break;
            iterator.Next();
        }

        return offset;
    }

    public IReadOnlyDictionary<int, long> GetCommitted(LogTopic topic, string group)
    {
        var result = new Dictionary<int, long>();
        using var lease = _database.Use();
        foreach (var partition in topic.Partitions)
        {
            if (lease.Engine.Get(LogKeys.Committed(topic.Id, partition.Index, group)) is { } value)
                result[partition.Index] = BinaryPrimitives.ReadInt64BigEndian(value);
        }

        return result;
    }

    public void Commit(LogPartition partition, string group, long offset)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, offset);
        Put(LogKeys.Committed(partition.Topic.Id, partition.Index, group), value, _unsynced);
    }

    public void Dispose()
    {
        _retention.Dispose();
        _writer.Dispose();
        _database.Dispose();
    }

    /// <summary>Timestamp and byte count of a stored message.</summary>
    internal (long Timestamp, long TotalBytes) ReadStamp(LogPartition partition, long offset)
    {
        Span<byte> key = stackalloc byte[LogKeys.MessageLength];
        LogKeys.Message(key, partition.Topic.Id, partition.Index, offset);
        using var lease = _database.Use();
        var record = lease.Engine.Get(key) ?? throw Damaged(partition, offset, "no record");
        return LogRecord.Verify(record, offset)
            ? (LogRecord.Timestamp(record), LogRecord.TotalBytes(record))
            : throw Damaged(partition, offset, "a record whose checksum is wrong");
    }

    private static bool AddTo(LogBatch batch, ReadOnlySpan<byte> record, long offset)
    {
        var key = LogRecord.KeyLength(record);
        var headers = LogRecord.HeadersLength(record);
        var body = record[(LogRecord.HeaderLength + Math.Max(0, key))..];
        if (!batch.Admits(body.Length - headers))
            return false;
        var copy = batch.Rent(body.Length);
        body.CopyTo(copy.Span);
        batch.Add(new DeliveredMessage(
            offset,
            LogRecord.Timestamp(record),
            key < 0 ? null : batch.KeyFrom(record.Slice(LogRecord.HeaderLength, key)),
            copy[headers..],
            new MessageHeaders(copy[..headers])));
        return true;
    }

    private static LogDamagedException Damaged(LogPartition partition, long offset, string found) => new(
        $"topic '{partition.Topic.Name}' partition {partition.Index} offset {offset}: found {found}; expected the message that was acknowledged; restore the log's folder, or seek the group past it.",
        partition.Topic.Name,
        partition.Index,
        offset);

    private void Put(byte[] key, byte[] value, WriteOptions options)
    {
        using var batch = new WriteBatch();
        batch.Put(key, value);
        _database.Write(batch, options);
    }

    private LogTopic NewTopic(string name, int partitions)
    {
        var topic = new LogTopic(name, Math.Max(_lastTopicId, _topics.IsEmpty ? 0 : _topics.Values.Max(t => t.Topic.Id)) + 1, partitions);
        Put(LogKeys.Topic(name), TopicValue(topic.Id, partitions), _options.Sync ? _synced : _unsynced);
        AddTopic(topic);
        return topic;
    }

    private static byte[] TopicValue(uint id, int partitions)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(value, id);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(4), partitions);
        return value;
    }

    private void AddTopic(LogTopic topic) => _topics[topic.Name] = (topic, [.. topic.Partitions.Select(p => new PartitionTail(p))]);

    private void LoadTopics()
    {
        using var lease = _database.Use();
        if (lease.Engine.Get(LogKeys.LastTopicId.ToArray()) is { } last)
            _lastTopicId = BinaryPrimitives.ReadUInt32BigEndian(last);
        using var iterator = lease.Engine.NewIterator(null, _read);
        for (iterator.Seek(LogKeys.TopicPrefix); iterator.Valid() && iterator.GetKeySpan().StartsWith(LogKeys.TopicPrefix); iterator.Next())
        {
            var value = iterator.GetValueSpan();
            AddTopic(new LogTopic(
                Encoding.UTF8.GetString(iterator.GetKeySpan()[1..]), BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadInt32BigEndian(value[4..])));
        }
    }

    /// <summary>Finds where each partition begins and ends.</summary>
    private void LoadEnds()
    {
        using var lease = _database.Use();
        using var iterator = lease.Engine.NewIterator(null, _read);
        Span<byte> key = stackalloc byte[LogKeys.MessageLength];
        foreach (var tail in _topics.Values.SelectMany(t => t.Tails))
        {
            var partition = tail.Partition;
            var low = lease.Engine.Get(LogKeys.Low(partition.Topic.Id, partition.Index)) is { } stored ? BinaryPrimitives.ReadInt64BigEndian(stored) : 0;
            LogKeys.Message(key, partition.Topic.Id, partition.Index, long.MaxValue);
            iterator.SeekForPrev(key);
            var last = iterator.Valid() ? LogKeys.OffsetOf(iterator.GetKeySpan(), partition.Topic.Id, partition.Index) : -1;
            tail.NextOffset = Math.Max(low, last + 1);
            if (last >= low)
            {
                var record = iterator.GetValueSpan();
                if (!LogRecord.Verify(record, last))
                    throw Damaged(partition, last, "a record whose checksum is wrong");
                tail.TotalBytes = LogRecord.TotalBytes(record);
                tail.LastTimestamp = LogRecord.Timestamp(record);
            }

            // Messages of a write that failed after it had reached the disk count from now on: wake those who wait for them.
            partition.Restore(low, partition.High, tail.TotalBytes);
            partition.Advance(tail.NextOffset, tail.TotalBytes);
        }
    }
}
