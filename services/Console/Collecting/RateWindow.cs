namespace RealTimeMesh.Console.Collecting;

/// <summary>Rates of counters over the last few seconds. One slot for each counter's name; not for several threads.</summary>
internal sealed class RateWindow(TimeSpan span)
{
    private readonly Dictionary<string, Queue<Sample>> _counters = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes a counter's value and answers its rate, per second. A counter that went back starts anew; one that is not known yet (null)
    /// does not count from zero: what was there before this console started did not come within a second.
    /// </summary>
    public double Observe(string counter, long? known, DateTimeOffset now)
    {
        if (known is not { } value)
            return 0;
        if (!_counters.TryGetValue(counter, out var samples))
            _counters[counter] = samples = new Queue<Sample>();
        if (samples.TryPeek(out var first) && value < first.Value)
            samples.Clear();
        samples.Enqueue(new Sample(now, value));
        while (samples.Count > 2 && now - samples.Peek().At > span)
            samples.Dequeue();
        var oldest = samples.Peek();
        var elapsed = (now - oldest.At).TotalSeconds;
        return elapsed > 0 ? (value - oldest.Value) / elapsed : 0;
    }

    private readonly record struct Sample(DateTimeOffset At, long Value);
}
