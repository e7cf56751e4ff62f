namespace RealTimeMesh.Components;

/// <summary>A topic of a partitioned log.</summary>
public sealed class LogTopic
{
    private uint _turn;
    private volatile LogPartition[] _partitions;
    private volatile bool _deleted;

    /// <param name="name">The topic's name.</param>
    /// <param name="id">A number the storage knows it by.</param>
    /// <param name="partitions">How many partitions it has; it may grow.</param>
    public LogTopic(string name, uint id, int partitions)
    {
        Name = name;
        Id = id;
        _partitions = [.. Enumerable.Range(0, partitions).Select(i => new LogPartition(this, i))];
    }

    public string Name { get; }

    public uint Id { get; }

    public IReadOnlyList<LogPartition> Partitions => _partitions;

    /// <summary>The topic is gone: nothing is stored in it any more.</summary>
    public bool IsDeleted => _deleted;

    /// <summary>The partition of a message: by its key, or the next in turn.</summary>
    public LogPartition PartitionFor(string? key) => PartitionFor(key, _partitions.Length);

    /// <summary>As <see cref="PartitionFor(string?)"/> among the first <paramref name="count"/> partitions: the topic may grow while messages are placed.</summary>
    public LogPartition PartitionFor(string? key, int count)
    {
        var partitions = _partitions;
        if (count == 1)
            return partitions[0];
        return partitions[key is null
            ? (int)(Interlocked.Increment(ref _turn) % (uint)count)
            : Murmur2.Partition(key, count)];
    }

    /// <summary>Partitions that the topic will have; <see cref="Grow"/> makes them its own.</summary>
    public IReadOnlyList<LogPartition> Further(int partitions) =>
        [.. Enumerable.Range(_partitions.Length, Math.Max(0, partitions - _partitions.Length)).Select(i => new LogPartition(this, i))];

    /// <summary>Adds partitions. One caller at a time.</summary>
    public void Grow(IReadOnlyList<LogPartition> further) => _partitions = [.. _partitions, .. further];

    /// <summary>Marks the topic as gone.</summary>
    public void Delete() => _deleted = true;
}
