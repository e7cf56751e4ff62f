using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>What a join keeps of one input: its rows in runs of time, which are forgotten as a whole.</summary>
/// <param name="schema">The input's rows.</param>
/// <param name="by">Its key fields, in the order of the other side's.</param>
/// <param name="width">Length of a run, microseconds.</param>
internal sealed class JoinSide(RowSchema schema, IReadOnlyList<string> by, long width)
{
    private readonly SortedDictionary<long, JoinBucket> _buckets = [];
    private readonly int[] _keyColumns = [.. by.Select(schema.IndexOf)];

    public RowSchema Schema { get; } = schema;

    public KeyBatch Keys { get; } = new(schema, by);

    public IReadOnlyDictionary<long, JoinBucket> Buckets => _buckets;

    public long Width => width;

    public List<long> Dropped { get; } = [];

    /// <summary>The time until which the oldest run goes; null without rows.</summary>
    public long? FirstEnd => _buckets.Count == 0 ? null : (_buckets.First().Key + 1) * width;

    public long Bytes => _buckets.Values.Sum(bucket => bucket.Bytes);

    public long BucketOf(long time) => EventTimes.FloorDivide(time, width);

    public JoinBucket? Find(long number) => _buckets.GetValueOrDefault(number);

    public JoinBucket Get(long number)
    {
        if (!_buckets.TryGetValue(number, out var bucket))
            _buckets.Add(number, bucket = new JoinBucket(Schema));
        return bucket;
    }

    /// <summary>A row without a whole key equals no other, as in SQL.</summary>
    public bool HasKey(ColumnBatch rows, int row)
    {
        foreach (var column in _keyColumns)
        {
            if (rows.Columns[column].IsNull(row))
                return false;
        }

        return true;
    }

    /// <summary>Keeps a row.</summary>
    public (JoinBucket Bucket, int Row) Keep(DataBatch batch, int row, bool hasKey)
    {
        var bucket = Get(BucketOf(batch.Times[row]));
        for (var i = 0; i < bucket.Rows.Rows.Columns.Count; i++)
            bucket.Rows.Rows.Columns[i].AppendFrom(batch.Rows.Columns[i], row);
        bucket.Rows.Complete(batch.Times[row], DataBatch.NoTime, batch.Places[row]);
        return (bucket, bucket.Add(Keys[row], hasKey));
    }

    /// <summary>The runs that are over, the first one first; they are forgotten.</summary>
    public IEnumerable<JoinBucket> TakeOver(long before)
    {
        while (_buckets.Count > 0)
        {
            var (number, bucket) = _buckets.First();
            if ((number + 1) * width > before)
                yield break;
            _buckets.Remove(number);
            Dropped.Add(number);
            yield return bucket;
        }
    }

    public void Remove(long number) => _buckets.Remove(number);
}
