using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>One range of an index, in the order of time, read in steps.</summary>
internal sealed class LetterLane(Session session, string condition, object?[] values, LetterQuery query, int step)
{
    private readonly Queue<LetterEntry> _entries = new();
    private LetterCursor? _after = query.After;
    private bool _ended;

    public LetterEntry? Peek()
    {
        if (_entries.Count == 0 && !_ended)
            Read();
        return _entries.Count == 0 ? null : _entries.Peek();
    }

    public void Next() => _entries.Dequeue();

    private void Read()
    {
        var (order, sign) = query.Ascending ? ("ASC", ">") : ("DESC", "<");
        var first = values.Length;
        var after = _after ?? (query.Ascending ? new LetterCursor(long.MinValue, 0) : new LetterCursor(long.MaxValue, long.MaxValue));
        using (var rows = session.Query(
            $"SELECT at, no, group_no, state FROM letters WHERE {condition} AND (at, no) {sign} (${first + 1}, ${first + 2}) AND at >= ${first + 3} AND at < ${first + 4} AND no <= ${first + 5} ORDER BY at {order}, no {order} LIMIT ${first + 6}",
            [.. values, after.At, after.Number, query.Filter.Since is { } since ? LetterTime.Of(since) : long.MinValue, query.Filter.Until is { } until ? LetterTime.Of(until) : long.MaxValue, query.Through, step]))
        {
            while (rows.Read())
                _entries.Enqueue(new LetterEntry(new LetterCursor(rows.GetInt64(0), rows.GetInt64(1)), rows.GetInt32(2), (LetterState)rows.GetInt32(3)));
        }

        if (_entries.Count < step)
            _ended = true;
        else
            _after = _entries.Last().Place;
    }
}

internal readonly record struct LetterEntry(LetterCursor Place, int Group, LetterState State);
