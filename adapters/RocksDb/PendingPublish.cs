using System.Buffers;
using RealTimeMesh.Components;

namespace RealTimeMesh.RocksDb;

/// <summary>A publish on its way to the writer: its records, encoded by the caller's thread.</summary>
internal sealed class PendingPublish : TaskCompletionSource, IDisposable
{
    private readonly byte[] _buffer;
    private readonly Entry[] _entries;
    private readonly int _count;

    public PendingPublish(LogTopic topic, Func<LogTopic, PartitionTail[]> tails, IReadOnlyList<OutgoingMessage> messages, int bytes)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        // A topic that grows meanwhile gets its tails before its partitions.
        var partitions = topic.Partitions.Count;
        Tails = tails(topic);
        Topic = topic;
        Bytes = bytes;
        _buffer = ArrayPool<byte>.Shared.Rent(bytes);
        _count = messages.Count;
        _entries = ArrayPool<Entry>.Shared.Rent(_count);
        var start = 0;
        for (var i = 0; i < _count; i++)
        {
            var message = messages[i];
            var length = LogRecord.LengthOf(message);
            LogRecord.Write(_buffer.AsSpan(start, length), message);
            _entries[i] = new Entry(start, length, topic.PartitionFor(message.Key, partitions).Index, message.Value.Length);
            start += length;
        }
    }

    public LogTopic Topic { get; }

    public PartitionTail[] Tails { get; }

    /// <summary>Its topic was deleted before it was written.</summary>
    public bool IsTooLate { get; set; }

    public int Bytes { get; }

    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _count);

    public Span<byte> Record(in Entry entry) => _buffer.AsSpan(entry.Start, entry.Length);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        ArrayPool<Entry>.Shared.Return(_entries);
    }

    internal readonly record struct Entry(int Start, int Length, int Partition, int ValueLength);
}

/// <summary>The end of a partition as the writer sees it. Used by the writer's thread only.</summary>
internal sealed class PartitionTail(LogPartition partition)
{
    public LogPartition Partition { get; } = partition;

    public long NextOffset { get; set; }

    public long TotalBytes { get; set; }

    public long LastTimestamp { get; set; }

    /// <summary>Whether the group being written adds to this partition.</summary>
    public bool Touched { get; set; }
}
