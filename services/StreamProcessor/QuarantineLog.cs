namespace RealTimeMesh.StreamProcessor;

/// <summary>An event that could not be applied.</summary>
internal sealed record QuarantinedEvent(string Topic, int Partition, long Offset, string Id, string Reason, DateTimeOffset SeenAt);

/// <summary>The last quarantined events, for people to look at; their number is counted durably in the position records.</summary>
internal sealed class QuarantineLog
{
    private const int Capacity = 100;

    private readonly Lock _lock = new();
    private readonly Queue<QuarantinedEvent> _events = new(Capacity);

    public void Add(QuarantinedEvent item)
    {
        lock (_lock)
        {
            if (_events.Count == Capacity)
                _events.Dequeue();
            _events.Enqueue(item);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<QuarantinedEvent> Latest()
    {
        lock (_lock)
            return [.. _events.Reverse()];
    }
}
