using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>
/// Who carries a group's load. Where a member consumes one topic (the embedded log), the members of one consumer on several topics
/// are one owner: it has the sum of them, and its part of a topic can only go to other members on that topic.
/// </summary>
/// <param name="Names">By the owner's number.</param>
/// <param name="Members">The id of each member by its owner's number and topic.</param>
/// <param name="Of">The owner of each partition that somebody consumes.</param>
internal sealed record GroupOwners(IReadOnlyList<string> Names, IReadOnlyDictionary<(int Owner, string Topic), string> Members, IReadOnlyDictionary<AssignedPartition, int> Of)
{
    public static readonly GroupOwners None = new([], new Dictionary<(int, string), string>(), new Dictionary<AssignedPartition, int>());

    public static GroupOwners From(IReadOnlyList<MemberDescription> members, IReadOnlyList<string> topics)
    {
        var names = new List<string>();
        var ids = new Dictionary<(int, string), string>();
        var of = new Dictionary<AssignedPartition, int>();
        foreach (var member in members.OrderBy(member => member.Client, StringComparer.Ordinal))
        {
            var consumed = TopicsOf(member).Where(topics.Contains).ToArray();
            if (consumed.Length == 0)
                continue;
            var name = member.Topics is null || topics.Count == 1 ? member.Id : Consumer(member, consumed, names, ids);
            var owner = names.IndexOf(name);
            if (owner < 0)
            {
                owner = names.Count;
                names.Add(name);
            }

            foreach (var topic in consumed)
                ids[(owner, topic)] = member.Id;
            foreach (var place in member.Assigned.Where(place => topics.Contains(place.Topic)))
                of[place] = owner;
        }

        return new GroupOwners(names, ids, of);
    }

    public static IEnumerable<string> TopicsOf(MemberDescription member) => member.Topics ?? member.Assigned.Select(place => place.Topic).Distinct(StringComparer.Ordinal);

    /// <summary>The owners that may have partitions of a topic.</summary>
    public int[] Able(string topic) => [.. Enumerable.Range(0, Names.Count).Where(owner => Members.ContainsKey((owner, topic)))];

    /// <summary>A consumer that subscribed to a topic twice is two owners: each of its members has a lane of its own.</summary>
    private static string Consumer(MemberDescription member, string[] consumed, List<string> names, Dictionary<(int, string), string> ids)
    {
        for (var lane = 1; ; lane++)
        {
            var name = lane == 1 ? member.Client : $"{member.Client}/{lane}";
            var owner = names.IndexOf(name);
            if (owner < 0 || !consumed.Any(topic => ids.ContainsKey((owner, topic))))
                return name;
        }
    }
}
