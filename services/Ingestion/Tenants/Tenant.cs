namespace RealTimeMesh.Ingestion.Tenants;

/// <summary>Who sends: a share of the publish queues and a rate of its own. Thread-safe.</summary>
internal sealed class Tenant(string name, string label, RateLimit limit, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TokenBucket? _events = Bucket(limit.EventsPerSecond, limit, time);
    private readonly TokenBucket? _bytes = Bucket(limit.BytesPerSecond, limit, time);

    public string Name => name;

    /// <summary>Its name in metrics: those that the limits file names have their own, the others share one.</summary>
    public string Label => label;

    public RateLimit Limit => limit;

    /// <summary>Timestamp of its last request.</summary>
    public long LastSeen { get; set; }

    /// <summary>Takes events and bytes, or says how long they have to wait; zero where they are taken.</summary>
    public TimeSpan TryTake(int events, long bytes)
    {
        if (_events is null && _bytes is null)
            return TimeSpan.Zero;
        lock (_lock)
        {
            var wait = _events?.WaitFor(events) ?? TimeSpan.Zero;
            if (_bytes?.WaitFor(bytes) is { } other && other > wait)
                wait = other;
            if (wait > TimeSpan.Zero)
                return wait;
            _events?.Take(events);
            _bytes?.Take(bytes);
            return TimeSpan.Zero;
        }
    }

    private static TokenBucket? Bucket(double? perSecond, RateLimit limit, TimeProvider time) =>
        perSecond is { } rate ? new TokenBucket(rate, Math.Max(1, rate * limit.BurstSeconds), time) : null;
}
