namespace RealTimeMesh.Console.Collecting;

/// <summary>Records a second of topics, from what is seen of them while somebody looks. Thread-safe.</summary>
internal sealed class TopicRates(TimeProvider time)
{
    private const int Capacity = 10_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private RateWindow _rates = NewWindow();

    /// <summary>The rate, once a topic was seen twice; null before.</summary>
    /// <param name="written">Records ever appended to it.</param>
    public double? Observe(string topic, long written)
    {
        lock (_lock)
        {
            if (_seen.Count >= Capacity)
            {
                // Topics come and go; what is still there is known again a moment later.
                _seen.Clear();
                _rates = NewWindow();
            }

            var rate = _rates.Observe(topic, written, time.GetUtcNow());
            return _seen.Add(topic) ? null : rate;
        }
    }

    private static RateWindow NewWindow() => new(TimeSpan.FromSeconds(10));
}
