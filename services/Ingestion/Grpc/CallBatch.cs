using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Grpc;

/// <summary>The events of a call that are published and acknowledged together.</summary>
internal sealed class CallBatch(EventBatch events)
{
    /// <summary>Positions in the call of the rejected events, in their order.</summary>
    private readonly List<long> _rejectedAt = [];

    public EventBatch Events => events;

    /// <summary>Events whose sequence was stored before.</summary>
    public int Skipped { get; set; }

    /// <summary>Position in the call behind the last event.</summary>
    public long Position { get; set; }

    public long LastSequence { get; set; } = -1;

    public int InputBytes { get; set; }

    public bool IsEmpty => events.Count == 0 && Skipped == 0;

    /// <summary>Notes where in the call an event stands that was just added.</summary>
    public void Added(long position, int bytes)
    {
        if (events.Rejected.Count > _rejectedAt.Count)
            _rejectedAt.Add(position);
        InputBytes += bytes;
    }

    public V1.Acknowledged Acknowledge(bool sequenced)
    {
        var acknowledged = new V1.Acknowledged { Position = Position, LastSequence = sequenced ? LastSequence : -1, Accepted = events.Events.Count, Rejected = events.DeadLetters.Count, Skipped = Skipped };
        for (var i = 0; i < _rejectedAt.Count; i++)
            acknowledged.Rejections.Add(Rejections.Of(events.Rejected[i], _rejectedAt[i], sequenced));
        return acknowledged;
    }
}
