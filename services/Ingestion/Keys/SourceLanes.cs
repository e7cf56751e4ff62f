using System.Globalization;

namespace RealTimeMesh.Ingestion.Keys;

/// <summary>
/// Sources with an order of their own for requests with a key. One request at a time has a lane, so that its events can be
/// published again under their sequences; consumers drop those that they have, and remember no more sources than
/// requests have ever run at once. A lane whose request ended without certainty is that request's for ever.
/// </summary>
internal sealed class SourceLanes(string run)
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<SourceLane, int> _free = new();
    private int _count;

    public SourceLane Rent()
    {
        lock (_lock)
        {
            if (_free.TryDequeue(out var lane, out _))
                return lane;
            var number = _count++;
            return new SourceLane(number, string.Create(CultureInfo.InvariantCulture, $"/http/{run}/{number}"), 0);
        }
    }

    /// <summary>Gives a lane back whose events before <paramref name="next"/> are stored.</summary>
    public void Return(SourceLane lane, long next)
    {
        lock (_lock)
            _free.Enqueue(lane with { Next = next }, lane.Number);
    }
}

/// <param name="Next">Sequence of the next event.</param>
internal sealed record SourceLane(int Number, string Source, long Next);
