using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>
/// Finds letters by the index that suits a filter best: a key or trace where one is asked for, else the groups it admits (for each
/// state a range in the order of time), else the states. Ranges are merged, what the index does not decide is asked of each letter.
/// </summary>
internal sealed class LetterScan(Session session, TimeProvider time)
{
    /// <summary>More ranges than this cost more than looking at letters in vain.</summary>
    private const int MostLanes = 1_024;

    private static readonly LetterState[] AllStates = [LetterState.Open, LetterState.Redriving, LetterState.Redriven, LetterState.Discarded];

    public LetterPage Find(LetterQuery query, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var found = new List<StoredLetter>();
        LetterCursor? last = null;
        var scanned = 0L;
        foreach (var entry in Entries(query, query.Limit + 1, cancellationToken))
        {
            if (found.Count >= query.Limit || (query.MaxTime != Timeout.InfiniteTimeSpan && scanned > 0 && time.GetElapsedTime(began) >= query.MaxTime))
                return new LetterPage(found, last, scanned);
            scanned++;
            last = entry.Place;
            if (LetterRows.Find(session, entry.Place.Number) is { } letter && query.Admits?.Invoke(letter) != false)
                found.Add(letter);
        }

        return new LetterPage(found, null, scanned);
    }

    public long Count(LetterQuery query, CancellationToken cancellationToken)
    {
        if (query.Filter.IsOfGroups && query.Admits is null && query.Through == long.MaxValue)
            return Groups(query.Filter).Sum(group => States(query.Filter).Sum(state => group.Counts.Of(state)));
        var count = 0L;
        foreach (var entry in Entries(query with { After = null }, 5_000, cancellationToken))
        {
            if (query.Admits is null || (LetterRows.Find(session, entry.Place.Number) is { } letter && query.Admits(letter)))
                count++;
        }

        return count;
    }

    private IEnumerable<LetterEntry> Entries(LetterQuery query, int step, CancellationToken cancellationToken)
    {
        var filter = query.Filter;
        if (filter.Ids.Count > 0)
            return Named(query, cancellationToken);
        var groups = Groups(filter);
        if (groups.Count == 0)
            return [];
        var (states, limit) = (States(filter), Math.Clamp(step, 16, 5_000));
        var admitted = groups.Select(group => group.Number).ToHashSet();
        List<LetterLane> lanes = [];
        if (filter.TraceId is not null)
            lanes.Add(new LetterLane(session, "trace = $1", [filter.TraceId], query, limit));
        else if (filter.Key is not null)
            lanes.Add(new LetterLane(session, "key = $1", [filter.Key], query, limit));
        else if (groups.Count * states.Count <= MostLanes && !All(filter))
            lanes.AddRange(groups.SelectMany(group => states.Where(state => group.Counts.Of(state) > 0).Select(state => new LetterLane(session, "group_no = $1 AND state = $2", [group.Number, (int)state], query, limit))));
        else
            lanes.AddRange(states.Select(state => new LetterLane(session, "state = $1", [(int)state], query, limit)));
        return Merge(lanes, query.Ascending, cancellationToken).Where(entry => states.Contains(entry.State) && admitted.Contains(entry.Group) && (filter.Key is null || filter.TraceId is null || HasKey(entry, filter.Key)));
    }

    private static IEnumerable<LetterEntry> Merge(List<LetterLane> lanes, bool ascending, CancellationToken cancellationToken)
    {
        var sign = ascending ? 1 : -1;
        var heads = new PriorityQueue<LetterLane, LetterCursor>(Comparer<LetterCursor>.Create((left, right) => sign * (left.At, left.Number).CompareTo((right.At, right.Number))));
        foreach (var lane in lanes)
        {
            if (lane.Peek() is { } head)
                heads.Enqueue(lane, head.Place);
        }

        while (heads.TryDequeue(out var lane, out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return lane.Peek()!.Value;
            lane.Next();
            if (lane.Peek() is { } head)
                heads.Enqueue(lane, head.Place);
        }
    }

    /// <summary>Letters named by their ids, those that exist and the rest of the filter admits.</summary>
    private IEnumerable<LetterEntry> Named(LetterQuery query, CancellationToken cancellationToken)
    {
        var filter = query.Filter;
        var (groups, states) = (Groups(filter).Select(group => group.Number).ToHashSet(), States(filter));
        var found = new List<LetterEntry>();
        foreach (var id in filter.Ids.Distinct())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (LetterPlace.Parse(id) is not { } place)
                continue;
            using var rows = session.Query("SELECT at, no, group_no, state, key, trace FROM letters WHERE topic = $1 AND partition = $2 AND offset = $3", place.Topic, place.Partition, place.Offset);
            if (!rows.Read())
                continue;
            var entry = new LetterEntry(new LetterCursor(rows.GetInt64(0), rows.GetInt64(1)), rows.GetInt32(2), (LetterState)rows.GetInt32(3));
            var at = LetterTime.From(entry.Place.At);
            if (groups.Contains(entry.Group) && states.Contains(entry.State) && !(at < filter.Since) && !(at >= filter.Until) && entry.Place.Number <= query.Through
                && (filter.Key is null || filter.Key == LetterRows.Text(rows, 4)) && (filter.TraceId is null || filter.TraceId == LetterRows.Text(rows, 5)))
                found.Add(entry);
        }

        var ordered = query.Ascending ? found.OrderBy(entry => (entry.Place.At, entry.Place.Number)) : found.OrderByDescending(entry => (entry.Place.At, entry.Place.Number));
        return ordered.Where(entry => query.After is not { } after || (query.Ascending ? (entry.Place.At, entry.Place.Number).CompareTo((after.At, after.Number)) > 0 : (entry.Place.At, entry.Place.Number).CompareTo((after.At, after.Number)) < 0));
    }

    private List<LetterGroup> Groups(LetterFilter filter) => [.. GroupRows.Read(session, 0).Where(filter.Admits)];

    private static IReadOnlyList<LetterState> States(LetterFilter filter) => filter.States.Count == 0 ? AllStates : [.. filter.States.Distinct()];

    private static bool All(LetterFilter filter) =>
        filter is { Class: null, Rule: null, Field: null, Topic: null, DeadLetterTopic: null, Consumer: null, Fingerprint: null };

    private bool HasKey(LetterEntry entry, string key) => (string?)session.Scalar("SELECT key FROM letters WHERE no = $1", entry.Place.Number) == key;
}
