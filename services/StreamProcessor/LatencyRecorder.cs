using HdrHistogram;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Time from the broker's storing of an event to its effect being visible, in milliseconds. Thread-safe.</summary>
internal sealed class LatencyRecorder
{
    private const long MaxMilliseconds = 24 * 60 * 60 * 1000L;

    private readonly Lock _lock = new();
    private readonly LongHistogram _histogram = new(MaxMilliseconds, 3);

    /// <summary>Records the events of a committed batch. Events stored in the same millisecond are recorded together.</summary>
    public void Record(IReadOnlyList<int> indexes, IReadOnlyList<DeliveredEvent> events, long nowMilliseconds)
    {
        lock (_lock)
        {
            long stored = 0, count = 0;
            foreach (var index in indexes)
            {
                var timestamp = events[index].Timestamp;
                if (timestamp == stored)
                {
                    count++;
                    continue;
                }

                Add(stored, count, nowMilliseconds);
                stored = timestamp;
                count = 1;
            }

            Add(stored, count, nowMilliseconds);
        }
    }

    public LatencySummary Summary()
    {
        lock (_lock)
        {
            return _histogram.TotalCount == 0
                ? new LatencySummary(0, 0, 0, 0)
                : new LatencySummary(_histogram.TotalCount, _histogram.GetValueAtPercentile(50), _histogram.GetValueAtPercentile(99), _histogram.GetMaxValue());
        }
    }

    private void Add(long stored, long count, long now)
    {
        if (stored > 0 && count > 0)
            _histogram.RecordValueWithCount(Math.Clamp(now - stored, 0, MaxMilliseconds), count);
    }
}

/// <summary>Milliseconds.</summary>
internal sealed record LatencySummary(long Count, double P50Ms, double P99Ms, double MaxMs);
