namespace RealTimeMesh.StreamProcessor;

/// <summary>Events a second over the last ten seconds. Thread-safe.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private const int Seconds = 10;

    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[Seconds];
    private readonly long[] _stamps = new long[Seconds];

    public void Add(long count)
    {
        var second = Now();
        lock (_lock)
        {
            var slot = second % Seconds;
            if (_stamps[slot] != second)
            {
                _stamps[slot] = second;
                _counts[slot] = 0;
            }

            _counts[slot] += count;
        }
    }

    public double PerSecond()
    {
        var second = Now();
        lock (_lock)
        {
            long sum = 0;
            for (var i = 0; i < Seconds; i++)
            {
                if (second - _stamps[i] < Seconds)
                    sum += _counts[i];
            }

            return (double)sum / Seconds;
        }
    }

    // Starts at Seconds, so that the zeroed slots are old.
    private long Now() => time.GetTimestamp() / time.TimestampFrequency + Seconds;
}
