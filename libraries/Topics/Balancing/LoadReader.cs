using RealTimeMesh.Components;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>Who has which partitions now, and how much they weigh.</summary>
/// <param name="Places">What the loads are, by their index.</param>
/// <param name="Brokers">Ids of the brokers, in the order of the owners where these are brokers.</param>
internal sealed record LoadState(RebalancingRequest Request, IReadOnlyList<string> Owners, IReadOnlyList<Load> Loads, IReadOnlyList<(string Topic, PartitionDescription Partition)> Places, IReadOnlyList<int> Brokers)
{
    /// <summary>The id of each owner's member on a topic, where these are members.</summary>
    public IReadOnlyDictionary<(int Owner, string Topic), string> Members { get; init; } = GroupOwners.None.Members;

    /// <summary>What a move of a topic's partition calls an owner: its member on that topic, or itself.</summary>
    public string NameOf(int owner, string topic) => Members.GetValueOrDefault((owner, topic), Owners[owner]);
}

/// <summary>Reads <see cref="LoadState"/> from the broker.</summary>
internal sealed class LoadReader(IBrokerAdmin admin, HotPartitions heat)
{
    public async Task<LoadState> ReadAsync(RebalancingRequest request, CancellationToken cancellationToken)
    {
        var members = request.Group is { } name ? (await admin.FindGroupAsync(name, cancellationToken) ?? throw AdminException.NoGroup(name)).Members : [];
        if (request.Group is not null && members.Count == 0)
            throw Refuse.Conflict($"group '{request.Group}'", "no live members", "members to balance", "start its apps");
        var topics = request.Topics.Count > 0 ? request.Topics
            : request.Group is null ? await admin.ListTopicsAsync(cancellationToken)
            : [.. members.SelectMany(GroupOwners.TopicsOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var owners = request.Group is null ? GroupOwners.None : GroupOwners.From(members, topics);
        var described = await admin.DescribeTopicsAsync(topics, cancellationToken);
        if (described.Count < topics.Count)
            throw AdminException.NoTopic(topics.First(topic => described.All(found => found.Name != topic)));
        var brokers = (await admin.DescribeClusterAsync(cancellationToken)).Brokers.Select(broker => broker.Id).ToArray();
        var loads = new List<Load>();
        var places = new List<(string Topic, PartitionDescription Partition)>();
        foreach (var topic in described)
        {
            var weights = await WeightsAsync(topic, request, cancellationToken);
            var able = owners.Able(topic.Name);
            foreach (var partition in topic.Partitions)
            {
                var owner = request.Group is null ? Array.IndexOf(brokers, partition.Leader) : owners.Of.GetValueOrDefault(new AssignedPartition(topic.Name, partition.Index), -1);
                // A partition without leader or consumer is nobody's load until it has one.
                if (owner < 0)
                    continue;
                loads.Add(request.Group is null
                    ? new Load(loads.Count, owner, weights[partition.Index], partition.Bytes ?? partition.Records)
                    : new Load(loads.Count, owner, weights[partition.Index], 0, able));
                places.Add((topic.Name, partition));
            }
        }

        return new LoadState(request, request.Group is null ? [.. brokers.Select(broker => $"broker {broker}")] : owners.Names, loads, places, brokers) { Members = owners.Members };
    }

    private async Task<Dictionary<int, double>> WeightsAsync(TopicDescription topic, RebalancingRequest request, CancellationToken cancellationToken)
    {
        if (request.By == "rate")
            return (await heat.MeasureAsync(topic.Name, TimeSpan.FromSeconds(request.WindowSeconds), HotPartitions.DefaultFactor, 0, cancellationToken)).Partitions.ToDictionary(partition => partition.Partition, partition => partition.Rate);
        return topic.Partitions.ToDictionary(partition => partition.Index, partition => request.By switch
        {
            "records" => partition.Records,
            "bytes" => partition.Bytes ?? throw new AdminException(AdminRefusal.Unsupported, $"topic '{topic.Name}': found no sizes; expected a broker that tells them; balance by rate, records or count."),
            _ => 1.0,
        });
    }
}
