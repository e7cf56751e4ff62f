using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>What one request has come to so far.</summary>
internal sealed class RequestTally(int maxListed)
{
    private readonly List<RejectedRow> _results = [];
    private readonly List<long> _notStored = [];

    public int Accepted { get; private set; }

    public int Rejected { get; private set; }

    /// <summary>Rejected events, at most as many as an answer lists.</summary>
    public IReadOnlyList<RejectedRow> Results => _results;

    public bool Truncated { get; private set; }

    public int NotStored { get; private set; }

    /// <summary>Places of events that are not known to be stored, at most as many as an answer lists.</summary>
    public IReadOnlyList<long> NotStoredAt => _notStored;

    public PublishStatus Status { get; private set; } = PublishStatus.Stored;

    public string? Error { get; private set; }

    /// <summary>Why reading stopped before the body's end; null where it did not. The last rejected event is what stopped it.</summary>
    public string? Stopped { get; set; }

    /// <summary>Adds a batch whose outcome is known.</summary>
    public void Add(EventBatch batch, PublishOutcome outcome)
    {
        Accepted += outcome.Accepted;
        Rejected += outcome.Rejected;
        foreach (var row in batch.Rejected)
        {
            if (outcome.NotStored.Count == 0 || !outcome.NotStored.Contains(row.Position))
                Note(_results, row);
        }

        Fail(outcome.Status, outcome.Error, outcome.NotStored);
    }

    /// <summary>Notes events that are not stored.</summary>
    public void Fail(PublishStatus status, string? error, IEnumerable<long> positions)
    {
        foreach (var position in positions)
        {
            NotStored++;
            Note(_notStored, position);
        }

        if (status > Status)
            Status = status;
        Error ??= error;
    }

    private void Note<T>(List<T> list, T item)
    {
        if (list.Count < maxListed)
            list.Add(item);
        else
            Truncated = true;
    }
}
