namespace RealTimeMesh.Topics.Balancing;

/// <summary>How a topic's records spread over its partitions.</summary>
/// <param name="Rule">The rule by which a partition is called hot, with its figures.</param>
/// <param name="Skew">The busiest partition's rate over the mean; 1 where all are equal.</param>
public sealed record TopicHeat(string Topic, double WindowSeconds, double Rate, double Skew, string Rule, IReadOnlyList<PartitionHeat> Partitions);

/// <param name="Rate">Records a second over the window.</param>
/// <param name="BytesRate">Bytes a second, by the size of the sampled records.</param>
/// <param name="Sampled">Records of the window that were looked at for their keys: its newest.</param>
/// <param name="Keys">The most frequent of them.</param>
/// <param name="Finding">What to do where it is hot; null where it is not.</param>
public sealed record PartitionHeat(int Partition, int Leader, double Rate, double BytesRate, double Share, bool Hot, int Sampled, IReadOnlyList<KeyShare> Keys, string? Finding);

/// <param name="Share">Its part of the sample, 0 to 1.</param>
public sealed record KeyShare(string? Key, int Records, double Share);
