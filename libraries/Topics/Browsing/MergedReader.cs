using System.Runtime.CompilerServices;
using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>One record of several partitions.</summary>
internal readonly record struct PlacedRecord(int Partition, StoredRecord Record);

/// <summary>
/// Reads ranges of several partitions as one, by time across partitions and by offset within each. Not more than
/// <see cref="MostAtOnce"/> partitions are read at once: further ones follow after these.
/// </summary>
internal sealed class MergedReader(IBrokerAdmin admin)
{
    public const int MostAtOnce = 16;

    /// <summary>Where reading has come in each partition, gaps included. A record counts as read once the next one is asked for.</summary>
    public Dictionary<int, long> Next { get; } = [];

    public async IAsyncEnumerable<PlacedRecord> ReadAsync(IReadOnlyList<RecordRange> ranges, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var range in ranges)
            Next[range.Partition] = range.From;
        foreach (var together in ranges.Where(range => range.From < range.To).Chunk(MostAtOnce))
        {
            var lanes = together.Select(range => new Lane(range, admin.ReadAsync(range, cancellationToken).GetAsyncEnumerator(cancellationToken))).ToArray();
            try
            {
                var heads = new PriorityQueue<Lane, (long Timestamp, int Partition)>();
                foreach (var lane in lanes)
                    await EnqueueAsync(heads, lane);
                while (heads.TryDequeue(out var lane, out _))
                {
                    yield return new PlacedRecord(lane.Range.Partition, lane.Head);
                    Next[lane.Range.Partition] = lane.Head.Offset + 1;
                    await EnqueueAsync(heads, lane);
                }
            }
            finally
            {
                foreach (var lane in lanes)
                    await lane.Pages.DisposeAsync();
            }
        }
    }

    private async Task EnqueueAsync(PriorityQueue<Lane, (long, int)> heads, Lane lane)
    {
        if (await lane.MoveNextAsync())
            heads.Enqueue(lane, (lane.Head.Timestamp, lane.Range.Partition));
        else
            Next[lane.Range.Partition] = lane.Range.To;
    }

    private sealed class Lane(RecordRange range, IAsyncEnumerator<RecordPage> pages)
    {
        private int _index = -1;
        private IReadOnlyList<StoredRecord> _page = [];

        public RecordRange Range { get; } = range;

        public IAsyncEnumerator<RecordPage> Pages { get; } = pages;

        public StoredRecord Head => _page[_index];

        public async ValueTask<bool> MoveNextAsync()
        {
            while (++_index >= _page.Count)
            {
                if (!await Pages.MoveNextAsync())
                    return false;
                (_page, _index) = (Pages.Current.Records, -1);
            }

            return true;
        }
    }
}
