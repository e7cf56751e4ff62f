using RealTimeMesh.Components;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>Which offsets of which partitions a range by offset, time or number means now.</summary>
internal sealed class RangeFinder(IBrokerAdmin admin)
{
    public async Task<IReadOnlyList<RecordRange>> FindAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        if (query.Topic.Length == 0)
            throw Refuse.Invalid("topic", "nothing", "the topic to read", "name it");
        if (await admin.DescribeTopicsAsync([query.Topic], cancellationToken) is not [var topic])
            throw AdminException.NoTopic(query.Topic);
        foreach (var wrong in query.Partitions.Where(partition => topic.Partitions.All(known => known.Index != partition)))
            throw AdminException.NoPartition(query.Topic, wrong, topic.Partitions.Count);
        var begins = query.FromTime is { } from ? await admin.FindOffsetsAsync(query.Topic, from, cancellationToken) : null;
        var ends = query.ToTime is { } to ? await admin.FindOffsetsAsync(query.Topic, to, cancellationToken) : null;
        return [.. topic.Partitions.Where(partition => query.Partitions.Count == 0 || query.Partitions.Contains(partition.Index)).Select(partition =>
        {
            var first = Max(partition.Low, query.FromOffsets is { } each && each.TryGetValue(partition.Index, out var own) ? own : query.FromOffset, begins?.GetValueOrDefault(partition.Index, partition.High), query.Last is { } last ? partition.High - last : null);
            var end = Min(partition.High, query.ToOffset, ends?.GetValueOrDefault(partition.Index, partition.High));
            return new RecordRange(query.Topic, partition.Index, Math.Min(first, Math.Max(end, partition.Low)), end);
        })];
    }

    private static long Max(long least, params ReadOnlySpan<long?> wishes)
    {
        foreach (var wish in wishes)
            least = Math.Max(least, wish ?? least);
        return least;
    }

    private static long Min(long most, params ReadOnlySpan<long?> wishes)
    {
        foreach (var wish in wishes)
            most = Math.Min(most, wish ?? most);
        return most;
    }
}
