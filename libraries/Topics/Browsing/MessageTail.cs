using System.Runtime.CompilerServices;
using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>
/// Shows records as they are stored, until the reader leaves. It looks twice a second, at so many records at most: of what comes
/// faster the newest is shown and the rest is counted.
/// </summary>
internal sealed class MessageTail(IBrokerAdmin admin, MessageBrowser browser, TimeProvider time)
{
    private const int MostInALook = 2_000;
    private const int MostShownInALook = 200;
    private const long MostBefore = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Checks the query; what is wrong with it is told before the first line.</summary>
    public async Task<IAsyncEnumerable<BrowseLine>> FollowAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        // Nothing is shown of this one: it finds what is wrong with the query.
        _ = await browser.BrowseAsync(query with { Limit = 1 }, cancellationToken);
        var look = query with { FromOffset = null, ToOffset = null, FromTime = null, ToTime = null, Last = null, Limit = MostShownInALook, MaxScanned = MostInALook };
        var ends = await EndsAsync(query, cancellationToken);
        var before = Math.Min(query.Last ?? 0, MostBefore);
        return LinesAsync(look, ends.ToDictionary(end => end.Key, end => Math.Max(end.Value.Low, end.Value.High - before)), cancellationToken);
    }

    private async IAsyncEnumerable<BrowseLine> LinesAsync(MessageQuery look, Dictionary<int, long> next, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (scanned, matched, passed) = (0L, 0L, 0L);
        yield return new FollowLine(0, 0, 0);
        while (true)
        {
            var ends = await EndsAsync(look, cancellationToken);
            var share = Math.Max(1, MostInALook / Math.Max(1, ends.Count));
            var found = false;
            foreach (var (partition, end) in ends)
            {
                // A partition that came since is read from its begin.
                var from = Math.Max(next.GetValueOrDefault(partition, end.Low), end.Low);
                next[partition] = Math.Max(from, end.High - share);
                passed += next[partition] - from;
                found |= next[partition] < end.High;
            }

            if (found)
            {
                await foreach (var line in (await browser.BrowseAsync(look with { FromOffsets = next }, cancellationToken)).WithCancellation(cancellationToken))
                {
                    if (line is MessageLine)
                        yield return line;
                    if (line is not EndLine end)
                        continue;
                    (scanned, matched) = (scanned + end.Scanned, matched + end.Matched);
                    foreach (var partition in end.Partitions)
                        next[partition.Partition] = partition.Next;
                }

                yield return new FollowLine(scanned, matched, passed);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<Dictionary<int, PartitionDescription>> EndsAsync(MessageQuery query, CancellationToken cancellationToken) =>
        await admin.DescribeTopicsAsync([query.Topic], cancellationToken) is [var topic]
            ? topic.Partitions.Where(partition => query.Partitions.Count == 0 || query.Partitions.Contains(partition.Index)).ToDictionary(partition => partition.Index)
            : throw AdminException.NoTopic(query.Topic);
}
