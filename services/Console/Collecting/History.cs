using RealTimeMesh.Console.Snapshots;

namespace RealTimeMesh.Console.Collecting;

/// <summary>The last ten minutes, one point for each snapshot, oldest overwritten.</summary>
internal sealed class History(int capacity)
{
    private const int Shown = 120;

    private readonly Queue<HistoryPoint> _points = new(capacity);

    public void Add(HistoryPoint point)
    {
        if (_points.Count == capacity)
            _points.Dequeue();
        _points.Enqueue(point);
    }

    /// <summary>At most 120 points; each the mean of its rates and the worst of its latencies.</summary>
    public IReadOnlyList<HistoryPoint> Read()
    {
        var size = Math.Max(1, (_points.Count + Shown - 1) / Shown);
        return [.. _points.Chunk(size).Select(chunk => new HistoryPoint(
            chunk[^1].At,
            chunk.Average(point => point.AckedPerS),
            chunk.Average(point => point.AppliedPerS),
            chunk.Average(point => point.StoredPerS),
            chunk.Max(point => point.P50Ms),
            chunk.Max(point => point.P99Ms)))];
    }
}
