using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>What one request has come to so far; what it lists is held in the request's share of memory.</summary>
internal sealed class RequestTally(int maxListed, MemoryLease memory)
{
    /// <summary>A listed event without its texts.</summary>
    private const int ListedBytes = 128;

    private readonly List<RejectedRow> _results = [];
    private readonly List<long> _notStored = [];
    private int _published;

    public long Accepted { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>Rejected events, at most as many as an answer lists; fewer while memory is short.</summary>
    public IReadOnlyList<RejectedRow> Results => _results;

    public bool Truncated { get; private set; }

    public long NotStored { get; private set; }

    /// <summary>Places of events that are not known to be stored, at most as many as an answer lists.</summary>
    public IReadOnlyList<long> NotStoredAt => _notStored;

    public PublishStatus Status { get; private set; } = PublishStatus.Stored;

    public string? Error { get; private set; }

    /// <summary>Why reading stopped before the body's end; null where it did not. The last rejected event is what stopped it.</summary>
    public string? Stopped { get; set; }

    /// <summary>When the sender may try again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>True where the outcome of every batch that was published is known.</summary>
    public bool Settled => _published == 0;

    /// <summary>Takes note of a batch whose outcome will follow.</summary>
    public void Publishing() => _published++;

    /// <summary>Adds the counts of another.</summary>
    public void Include(RequestTally other)
    {
        Accepted += other.Accepted;
        Rejected += other.Rejected;
    }

    /// <summary>Adds a batch whose outcome is known.</summary>
    public void Add(EventBatch batch, PublishOutcome outcome)
    {
        _published--;
        Accepted += outcome.Accepted;
        Rejected += outcome.Rejected;
        var lost = outcome.NotStored.Count == 0 ? [] : outcome.NotStored.ToHashSet();
        foreach (var row in batch.Rejected)
        {
            if (lost.Contains(row.Position))
                continue;
            var listed = Short(row);
            Note(_results, listed, ListedBytes + (sizeof(char) * (listed.Reason.Found.Length + listed.Reason.Expected.Length)));
        }

        Fail(outcome.Status, outcome.Error, outcome.NotStored);
    }

    /// <summary>Notes events that are not stored.</summary>
    public void Fail(PublishStatus status, string? error, IEnumerable<long> positions)
    {
        foreach (var position in positions)
        {
            NotStored++;
            Note(_notStored, position, sizeof(long));
        }

        if (status > Status)
            Status = status;
        Error ??= error;
    }

    /// <summary>As the answer shows it: what is listed must not keep whole events alive.</summary>
    private static RejectedRow Short(RejectedRow row) =>
        row with { Reason = row.Reason with { Found = DeadLetterWriter.Clip(row.Reason.Found), Expected = DeadLetterWriter.Clip(row.Reason.Expected) } };

    private void Note<T>(List<T> list, T item, int bytes)
    {
        // What no answer has room for is left out of it: the events are dead letters all the same.
        if (list.Count >= maxListed || memory.IsExceeded)
        {
            Truncated = true;
            return;
        }

        memory.Take(bytes);
        list.Add(item);
    }
}
