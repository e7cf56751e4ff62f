namespace RealTimeMesh.Topics.Balancing;

/// <summary>What shall be balanced.</summary>
public sealed record RebalancingRequest
{
    /// <summary>Topics; with a group, those it consumes where empty; without one, all where empty.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Balance this group's members; without it the brokers.</summary>
    public string? Group { get; init; }

    /// <summary><c>rate</c> (records a second over the window), <c>records</c>, <c>bytes</c> or <c>count</c> (each partition 1). Default rate.</summary>
    public string By { get; init; } = "rate";

    /// <summary>Seconds over which rates are measured. Default 300.</summary>
    public double WindowSeconds { get; init; } = 300;

    /// <summary>How far above the mean an owner may be. Default 0.1: a tenth.</summary>
    public double Tolerance { get; init; } = 0.1;
}

/// <summary>A plan; it changes nothing until it was approved and executed.</summary>
/// <param name="State"><c>proposed</c>, <c>approved</c>, <c>executed</c>.</param>
/// <param name="IsMinimal">No plan with fewer moves would do: all were looked at.</param>
/// <param name="Reassignment">What <c>kafka-reassign-partitions.sh</c> reads; null where the plan is executed here.</param>
/// <param name="Measured">Loads measured after the execution; null before.</param>
public sealed record RebalancingPlan(
    string Id, RebalancingRequest Request, string State, IReadOnlyList<PartitionMove> Moves, IReadOnlyList<OwnerLoad> Owners, double Bound, bool IsMinimal, string Explanation,
    Reassignment? Reassignment, string? HowToExecute, string? ApprovedBy, DateTimeOffset Made, IReadOnlyList<OwnerLoad>? Measured);

/// <param name="From">Broker or member.</param>
/// <param name="Weight">Its load, in the plan's unit.</param>
/// <param name="Copies">True where its records are copied to a broker that does not have them; false where only its leader or consumer changes.</param>
public sealed record PartitionMove(string Topic, int Partition, string From, string To, double Weight, bool Copies, string Why);

/// <summary>What an owner has before and after the plan.</summary>
public sealed record OwnerLoad(string Owner, double Before, double After, int PartitionsBefore, int PartitionsAfter);

/// <summary>The file of Kafka's tool.</summary>
public sealed record Reassignment(int Version, IReadOnlyList<ReassignedPartition> Partitions);

/// <param name="Replicas">The preferred leader first.</param>
public sealed record ReassignedPartition(string Topic, int Partition, IReadOnlyList<int> Replicas);
