using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Storing;

/// <summary>
/// Keeps letters, what became of them, and the jobs that work on them. Every call is one transaction that outlives the
/// process. Thread-safe. Every implementation passes the store compliance suite of <c>libraries/Testing</c>.
/// </summary>
public interface IDeadLetterStore : IAsyncDisposable
{
    /// <summary>The offset of the next record to collect from a partition; 0 where none was.</summary>
    Task<long> FindPositionAsync(string topic, int partition, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps letters of one partition and moves its position, together. Letters below the position are there already and are passed
    /// over; letters of <see cref="LetterPlace.NoPartition"/> are where their place is known, and no position is kept. A letter that comes back from a redrive is linked to the one it came from. Returns those that were new.
    /// </summary>
    Task<int> AddAsync(string topic, int partition, IReadOnlyList<LetterContent> letters, long next, CancellationToken cancellationToken);

    /// <summary>All groups with their counters.</summary>
    Task<IReadOnlyList<LetterGroup>> GroupsAsync(CancellationToken cancellationToken);

    /// <summary>The newest letters of each of these groups, newest first, as of one moment. Groups without letters in these states are absent.</summary>
    /// <param name="groups">Their <see cref="LetterGroup.Number"/>s.</param>
    /// <param name="states">States; all where empty.</param>
    /// <param name="each">Most letters of a group.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyDictionary<int, IReadOnlyList<LetterPlace>>> NewestAsync(IReadOnlyCollection<int> groups, IReadOnlyList<LetterState> states, int each, CancellationToken cancellationToken);

    Task<LetterPage> FindAsync(LetterQuery query, CancellationToken cancellationToken);

    Task<StoredLetter?> FindAsync(LetterPlace place, CancellationToken cancellationToken);

    /// <summary>How many letters a query means, whatever its limit.</summary>
    Task<long> CountAsync(LetterQuery query, CancellationToken cancellationToken);

    /// <summary>Versions of a letter, first to last.</summary>
    Task<IReadOnlyList<LetterEdit>> EditsAsync(long number, CancellationToken cancellationToken);

    /// <summary>What happened to a letter, in order.</summary>
    Task<IReadOnlyList<LetterEvent>> HistoryAsync(long number, CancellationToken cancellationToken);

    /// <summary>The letters that a job has in hand, in their order.</summary>
    Task<IReadOnlyList<StoredLetter>> InHandAsync(string job, CancellationToken cancellationToken);

    /// <summary>Carries changes out. Returns the numbers of the letters that were changed.</summary>
    Task<IReadOnlySet<long>> ApplyAsync(LetterChanges changes, CancellationToken cancellationToken);

    Task<JobDocument?> FindJobAsync(string id, CancellationToken cancellationToken);

    /// <summary>The newest jobs before an id, newest first.</summary>
    Task<IReadOnlyList<JobDocument>> JobsAsync(string? before, int limit, CancellationToken cancellationToken);

    /// <summary>What was saved under a name, or null.</summary>
    Task<string?> FindNoteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Keeps a small text of whoever works on the letters, in place of what was there.</summary>
    Task SaveNoteAsync(string name, string text, CancellationToken cancellationToken);

    /// <summary>Drops the oldest letters beyond what is kept; not more than a bounded number at once. Returns how many.</summary>
    Task<int> TrimAsync(LetterRetention retention, CancellationToken cancellationToken);

    Task<StoreFacts> FactsAsync(CancellationToken cancellationToken);
}

/// <summary>What is kept.</summary>
/// <param name="Age">Letters that failed longer ago are dropped.</param>
/// <param name="Letters">Most letters.</param>
/// <param name="Bytes">Most bytes of messages, edits and reasons.</param>
public sealed record LetterRetention(TimeSpan Age, long Letters, long Bytes);

/// <param name="LastNumber">Number of the newest letter; 0 where there was none.</param>
public sealed record StoreFacts(long Letters, long Bytes, long LastNumber, IReadOnlyList<CollectedPartition> Partitions);

/// <param name="Next">The offset of the next record to collect.</param>
public sealed record CollectedPartition(string Topic, int Partition, long Next);
