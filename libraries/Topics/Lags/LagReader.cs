using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Lags;

/// <summary>
/// Lag from what the broker has stored, committed positions and times of records, never from what a consumer reports: a
/// consumer that died yesterday is a day behind.
/// </summary>
internal sealed class LagReader(IBrokerAdmin admin, TimeProvider time)
{
    public async Task<IReadOnlyList<GroupLag>> ReadAsync(IReadOnlyList<string> groups, CancellationToken cancellationToken)
    {
        var found = await admin.DescribeGroupsAsync(groups, cancellationToken);
        var names = found.SelectMany(entry => TopicsOf(entry.Group, entry.Positions)).Distinct(StringComparer.Ordinal).ToArray();
        var topics = (await admin.DescribeTopicsAsync(names, cancellationToken)).ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        var places = found.SelectMany(entry => Places(entry.Group, entry.Positions, topics)).ToArray();
        var behind = places.Where(place => place.Next < place.Partition.High).ToArray();
        var stamps = await admin.GetTimestampsAsync([.. behind.Select(place => new GroupPosition(place.Topic, place.Partition.Index, place.Next))], cancellationToken);
        var firstUnread = behind.Zip(stamps).ToDictionary(pair => (pair.First.Group, pair.First.Topic, pair.First.Partition.Index), pair => pair.Second);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var lags = places.ToLookup(place => place.Group, place => (place.Topic, Lag: Lag(place, firstUnread, now)));
        return [.. found.Select(entry => Sum(entry.Group, lags[entry.Group.Name]))];
    }

    private static IEnumerable<string> TopicsOf(GroupDescription group, IReadOnlyList<GroupPosition> positions) =>
        positions.Select(position => position.Topic).Concat(group.Members.SelectMany(member => member.Assigned).Select(place => place.Topic)).Distinct(StringComparer.Ordinal);

    private static IEnumerable<Place> Places(GroupDescription group, IReadOnlyList<GroupPosition> positions, Dictionary<string, TopicDescription> topics)
    {
        var committed = positions.ToDictionary(position => (position.Topic, position.Partition), position => position.Offset);
        var members = new Dictionary<(string, int), string>();
        foreach (var member in group.Members)
        {
            foreach (var assigned in member.Assigned)
                members[(assigned.Topic, assigned.Partition)] = member.Id;
        }

        // A position on a topic that was deleted is no lag.
        foreach (var topic in TopicsOf(group, positions).Where(topics.ContainsKey).Order(StringComparer.Ordinal))
        {
            foreach (var partition in topics[topic].Partitions)
            {
                var position = committed.TryGetValue((topic, partition.Index), out var offset) ? offset : (long?)null;
                yield return new Place(group.Name, topic, partition, position, Math.Max(position ?? partition.Low, partition.Low), members.GetValueOrDefault((topic, partition.Index)));
            }
        }
    }

    private static PartitionLag Lag(Place place, Dictionary<(string, string, int), long?> firstUnread, long now)
    {
        var partition = place.Partition;
        var events = Math.Max(0, partition.High - place.Next);
        double? seconds = events == 0 ? 0 : firstUnread[(place.Group, place.Topic, partition.Index)] is { } stamp ? Math.Max(0, now - stamp) / 1000.0 : null;
        return new PartitionLag(partition.Index, place.Committed, partition.Low, partition.High, events, seconds, Math.Max(0, partition.Low - (place.Committed ?? partition.Low)), place.Member);
    }

    private static GroupLag Sum(GroupDescription group, IEnumerable<(string Topic, PartitionLag Lag)> lags)
    {
        var topics = lags.GroupBy(entry => entry.Topic, entry => entry.Lag, StringComparer.Ordinal)
            .Select(topic => new TopicLag(topic.Key, topic.Sum(lag => lag.Events), Longest(topic.Select(lag => lag.Seconds)), topic.Sum(lag => lag.Lost), [.. topic]))
            .ToArray();
        return new GroupLag(group.Name, group.State, group.Members.Count, topics.Sum(topic => topic.Events), Longest(topics.Select(topic => topic.Seconds)), topics);
    }

    /// <summary>The longest that is known; null where none is.</summary>
    private static double? Longest(IEnumerable<double?> seconds)
    {
        var all = seconds.ToArray();
        return all.Length == 0 ? 0 : all.Max();
    }

    private sealed record Place(string Group, string Topic, PartitionDescription Partition, long? Committed, long Next, string? Member);
}
