namespace RealTimeMesh.Topics.Lags;

/// <summary>How far a group is behind in one partition.</summary>
/// <param name="Committed">Offset of its next record; null where it has committed none.</param>
/// <param name="Events">Records that it has not read.</param>
/// <param name="Seconds">Age of the first unread record; 0 where all is read, null where the broker did not tell.</param>
/// <param name="Lost">Records that retention took before they were read.</param>
/// <param name="Member">Who consumes it now; null where nobody does.</param>
public sealed record PartitionLag(int Partition, long? Committed, long Low, long High, long Events, double? Seconds, long Lost, string? Member);

/// <param name="Seconds">The longest of its partitions.</param>
public sealed record TopicLag(string Topic, long Events, double? Seconds, long Lost, IReadOnlyList<PartitionLag> Partitions);

/// <param name="Members">Live consumers. A group without any is behind all the same.</param>
public sealed record GroupLag(string Group, string State, int Members, long Events, double? Seconds, IReadOnlyList<TopicLag> Topics);
