namespace RealTimeMesh.Components;

/// <summary>
/// The storage of a partitioned log: what <see cref="LogBroker"/> needs to be a broker.
/// Members may be called from many threads.
/// </summary>
public interface IMessageLog
{
    LogTopic? FindTopic(string name);

    /// <summary>The topic, created with its fixed number of partitions where it does not exist.</summary>
    LogTopic EnsureTopic(string name);

    /// <summary>In any order.</summary>
    IReadOnlyList<string> TopicNames();

    /// <summary>
    /// Stores all messages or none, at consecutive offsets of their partitions, and tells the partitions
    /// (<see cref="LogPartition.Advance"/>) once they are as durable as promised.
    /// </summary>
    Task AppendAsync(LogTopic topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>Adds messages from an offset on to a batch, until the batch is full or the partition ends. Returns the offset after the last one added.</summary>
    long Read(LogPartition partition, long offset, LogBatch batch);

    /// <summary>What groups have committed: the next offset per partition.</summary>
    IReadOnlyDictionary<int, long> GetCommitted(LogTopic topic, string group);

    /// <summary>Remembers a group's next offset.</summary>
    void Commit(LogPartition partition, string group, long offset);
}
