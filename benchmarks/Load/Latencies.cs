using System.Diagnostics;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Durations in the order they ended. Adding is safe from any thread; read after the run.</summary>
internal sealed class Latencies(int capacity)
{
    private readonly long[] _ticks = new long[capacity];
    private int _count;
    private bool _sorted;

    public int Count => Math.Min(Volatile.Read(ref _count), _ticks.Length);

    /// <param name="since">Timestamp of <see cref="Stopwatch"/>.</param>
    public void AddSince(long since)
    {
        var taken = Stopwatch.GetTimestamp() - since;
        var place = Interlocked.Increment(ref _count) - 1;
        if (place < _ticks.Length)
            _ticks[place] = taken;
    }

    /// <summary>Milliseconds that the given part of all were within; NaN where there are none.</summary>
    public double Percentile(double part)
    {
        if (Count == 0)
            return double.NaN;
        if (!_sorted)
            Array.Sort(_ticks, 0, Count);
        _sorted = true;
        var place = (int)Math.Ceiling(part * Count) - 1;
        return Stopwatch.GetElapsedTime(0, _ticks[Math.Clamp(place, 0, Count - 1)]).TotalMilliseconds;
    }
}
