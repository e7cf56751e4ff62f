namespace RealTimeMesh.Components;

/// <summary>What differs between brokers in administration.</summary>
public sealed record AdminCapabilities
{
    /// <summary>Names of topic settings that can be altered; empty where the broker itself knows them.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Partitions can be given to members of a group.</summary>
    public bool Assigns { get; init; }

    /// <summary>Partitions have replicas on several brokers.</summary>
    public bool Replicates { get; init; }

    /// <summary>Sizes of partitions are known.</summary>
    public bool Sizes { get; init; }
}

/// <param name="Id">The cluster's own name; empty where it has none.</param>
/// <param name="Controller">Id of the broker that leads administration; -1 where unknown.</param>
public sealed record ClusterDescription(string Id, int Controller, IReadOnlyList<BrokerNode> Brokers);

/// <summary>A server of a cluster.</summary>
public sealed record BrokerNode(int Id, string Host, int Port);

public sealed record TopicDescription(string Name, IReadOnlyList<PartitionDescription> Partitions);

/// <summary>One partition: it holds offsets <paramref name="Low"/> to <paramref name="High"/> - 1.</summary>
/// <param name="Leader">Id of the broker that serves it; -1 while there is none.</param>
/// <param name="Replicas">Ids of the brokers that keep it, the preferred leader first.</param>
/// <param name="InSync">Those of them that have everything.</param>
/// <param name="Bytes">Bytes of records it holds; null where the broker does not tell.</param>
public sealed record PartitionDescription(int Index, long Low, long High, int Leader, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSync, long? Bytes)
{
    public long Records => High - Low;
}

/// <param name="Value">Null where it is not told.</param>
/// <param name="IsDefault">It was not set for this topic.</param>
public sealed record TopicSetting(string Name, string? Value, bool IsDefault, bool IsReadOnly);

/// <param name="Partitions">Null for the broker's default.</param>
/// <param name="Replicas">Null for the broker's default.</param>
public sealed record NewTopic(string Name, int? Partitions, int? Replicas, IReadOnlyDictionary<string, string> Settings);

/// <param name="State">Kafka's word: Empty, Stable, PreparingRebalance, CompletingRebalance, Dead, Unknown.</param>
public sealed record GroupDescription(string Name, string State, IReadOnlyList<MemberDescription> Members);

/// <summary>A live consumer of a group.</summary>
/// <param name="Client">The consumer it belongs to. On the embedded log a consumer has a member for each of its topics.</param>
public sealed record MemberDescription(string Id, string Client, string Host, IReadOnlyList<AssignedPartition> Assigned)
{
    /// <summary>The topics it consumes, of which it may have no partition; null where the broker tells the assigned partitions alone.</summary>
    public IReadOnlyList<string>? Topics { get; init; }
}

public sealed record AssignedPartition(string Topic, int Partition);

/// <summary>A group's place in a partition: the offset of the next record.</summary>
public sealed record GroupPosition(string Topic, int Partition, long Offset);

/// <summary>A group and what it has committed.</summary>
public sealed record GroupState(GroupDescription Group, IReadOnlyList<GroupPosition> Positions);

/// <summary>A record as it is stored. Bytes belong to their page.</summary>
/// <param name="Timestamp">Ms since 1970-01-01T00:00:00Z.</param>
/// <param name="Value">Null for a tombstone.</param>
public readonly record struct StoredRecord(long Offset, long Timestamp, ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value, MessageHeaders Headers);

/// <summary>Offsets <paramref name="From"/> to <paramref name="To"/> - 1 of a partition.</summary>
public sealed record RecordRange(string Topic, int Partition, long From, long To)
{
    /// <summary>Most records in a page. Default 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Bytes of values after which a page ends. Default 1 MiB.</summary>
    public int PageBytes { get; init; } = 1024 * 1024;
}

/// <param name="Next">The offset after the last one looked at; beyond the last record's where the partition has gaps.</param>
public readonly record struct RecordPage(IReadOnlyList<StoredRecord> Records, long Next);
