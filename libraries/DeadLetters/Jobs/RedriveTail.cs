using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Collecting;

namespace RealTimeMesh.DeadLetters.Jobs;

/// <summary>Finds what a job had written when it was cut short: the end of a destination, from where it was noted before the batch.</summary>
internal sealed class RedriveTail(IPubSubBroker broker)
{
    private const int PageRecords = 2_000;

    /// <summary>Whether the broker can tell.</summary>
    public bool Tells => broker.Capabilities.Positions && broker.Capabilities.Offsets;

    /// <summary>Ends of a topic's partitions now.</summary>
    public async Task<Dictionary<int, long>> EndsAsync(string topic, CancellationToken cancellationToken) =>
        Tells ? (await broker.GetWatermarksAsync(topic, cancellationToken)).ToDictionary(partition => partition.Partition, partition => partition.High) : [];

    /// <summary>Ids of this job's letters that stand on a topic after the noted ends.</summary>
    /// <param name="sought">The search ends when all of these are found.</param>
    public async Task<HashSet<string>> WrittenAsync(string job, string topic, IReadOnlyDictionary<int, long> ends, IReadOnlySet<string> sought, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (!Tells)
            return found;
        foreach (var partition in await broker.GetWatermarksAsync(topic, cancellationToken))
        {
            var next = Math.Max(partition.Low, ends.GetValueOrDefault(partition.Partition));
            while (next < partition.High && found.Count < sought.Count)
            {
                var records = await broker.ReadAsync(topic, partition.Partition, next, PageRecords, cancellationToken);
                if (records.Count == 0)
                    break;
                foreach (var record in records)
                {
                    if (RedriveHeaders.Find(record.Headers) is var (of, letter) && of == job && sought.Contains(letter))
                        found.Add(letter);
                }

                next = records[^1].Offset + 1;
            }
        }

        return found;
    }
}
