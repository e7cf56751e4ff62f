using System.Text.Json;

namespace RealTimeMesh.Console.Backends;

// What the administration of topics answers; camelCase in JSON.

internal sealed record NamedPage<T>(IReadOnlyList<T> Items, string? Next, int Total);

internal sealed record ClusterReply(ClusterOf Cluster, CapabilitiesOf Capabilities);

internal sealed record ClusterOf(string Id, int Controller, IReadOnlyList<BrokerOf> Brokers);

internal sealed record BrokerOf(int Id, string Host, int Port);

internal sealed record CapabilitiesOf(IReadOnlyList<string> Settings, bool Assigns, bool Replicates, bool Sizes);

internal sealed record TopicReply(string Name, int Partitions, int Replicas, long Records, long? Bytes, int Leaderless, int UnderReplicated, long Written);

internal sealed record TopicDetailReply(TopicReply Summary, IReadOnlyList<TopicPartitionReply> Partitions, IReadOnlyList<TopicSettingReply> Settings, string? SettingsNote);

internal sealed record TopicPartitionReply(int Index, long Low, long High, int Leader, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSync, long? Bytes);

internal sealed record TopicSettingReply(string Name, string? Value, bool IsDefault, bool IsReadOnly);

internal sealed record GroupLagReply(string Group, string State, int Members, long Events, double? Seconds, IReadOnlyList<TopicLagReply> Topics);

internal sealed record TopicLagReply(string Topic, long Events, double? Seconds, long Lost, IReadOnlyList<PartitionLagReply> Partitions);

internal sealed record PartitionLagReply(int Partition, long? Committed, long Low, long High, long Events, double? Seconds, long Lost, string? Member);

internal sealed record GroupDetailReply(GroupLagReply Lag, IReadOnlyList<MemberReply> Members);

internal sealed record MemberReply(string Id, string Client, string Host, IReadOnlyList<AssignedReply> Assigned);

internal sealed record AssignedReply(string Topic, int Partition);

internal sealed record ResetPlanReply(string Group, string Topic, IReadOnlyList<OffsetMoveReply> Moves, long Skipped, long Repeated, string? Blocked);

internal sealed record OffsetMoveReply(int Partition, long? From, long To, long Skipped, long Repeated, string? Note);

internal sealed record ReplayReply(
    string Id, string Who, ReplayRequestReply Request, string State, IReadOnlyList<ReplayPartitionReply> Partitions, long Read, long Written, long Filtered, long Undecoded,
    DateTimeOffset Started, DateTimeOffset Updated, string? Fault, double Progress);

internal sealed record ReplayRequestReply(
    string From, string To, IReadOnlyList<int> Partitions, long? FromOffset, long? ToOffset, DateTimeOffset? FromTime, DateTimeOffset? ToTime, string? Contains, IReadOnlyList<string> Where, int? Rate);

internal sealed record ReplayPartitionReply(int Partition, long From, long Next, long To);

internal sealed record TopicHeatReply(string Topic, double WindowSeconds, double Rate, double Skew, string Rule, IReadOnlyList<PartitionHeatReply> Partitions);

internal sealed record PartitionHeatReply(int Partition, int Leader, double Rate, double BytesRate, double Share, bool Hot, int Sampled, IReadOnlyList<KeyShareReply> Keys, string? Finding);

internal sealed record KeyShareReply(string? Key, int Records, double Share);

internal sealed record RebalancingRequestReply(IReadOnlyList<string> Topics, string? Group, string By, double WindowSeconds, double Tolerance);

internal sealed record RebalancingReply(
    string Id, RebalancingRequestReply Request, string State, IReadOnlyList<PartitionMoveReply> Moves, IReadOnlyList<OwnerLoadReply> Owners, double Bound, bool IsMinimal, string Explanation,
    JsonElement? Reassignment, string? HowToExecute, string? ApprovedBy, DateTimeOffset Made, IReadOnlyList<OwnerLoadReply>? Measured);

internal sealed record PartitionMoveReply(string Topic, int Partition, string From, string To, double Weight, bool Copies, string Why);

public sealed record OwnerLoadReply(string Owner, double Before, double After, int PartitionsBefore, int PartitionsAfter);

internal sealed record SizingReply(
    string Name, double PeakEventsPerSecond, int Brokers, IReadOnlyList<SizingLimitReply> Limits, int Partitions, double StorageGb, int Disks, double NetworkInMb, double NetworkOutMb,
    double BrokerCores, double ConsumerCores, double? CostPerMonth, IReadOnlyList<SizingStepReply> Steps);

internal sealed record SizingLimitReply(string By, int Brokers);

internal sealed record SizingStepReply(string Figure, string Formula, double Value, string Unit);

internal sealed record RatesReply(string Note, IReadOnlyList<RateReply> Rates);

internal sealed record RateReply(string Name, double RecordsPerSecondPerCore, int RecordBytes, string Source);

internal sealed record TopicAuditReply(long Number, DateTimeOffset At, string Id, string Who, string What, string Stage, string Thing, JsonElement? Before, JsonElement? After);
