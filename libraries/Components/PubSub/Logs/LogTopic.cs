namespace RealTimeMesh.Components;

/// <summary>A topic of a partitioned log.</summary>
public sealed class LogTopic
{
    private uint _turn;

    /// <param name="name">The topic's name.</param>
    /// <param name="id">A number the storage knows it by.</param>
    /// <param name="partitions">How many partitions it has, for good.</param>
    public LogTopic(string name, uint id, int partitions)
    {
        Name = name;
        Id = id;
        Partitions = [.. Enumerable.Range(0, partitions).Select(i => new LogPartition(this, i))];
    }

    public string Name { get; }

    public uint Id { get; }

    public IReadOnlyList<LogPartition> Partitions { get; }

    /// <summary>The partition of a message: by its key, or the next in turn.</summary>
    public LogPartition PartitionFor(string? key)
    {
        if (Partitions.Count == 1)
            return Partitions[0];
        return Partitions[key is null
            ? (int)(Interlocked.Increment(ref _turn) % (uint)Partitions.Count)
            : Murmur2.Partition(key, Partitions.Count)];
    }
}
