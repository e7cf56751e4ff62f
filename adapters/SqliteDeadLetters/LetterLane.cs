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
        var first = values.Length;
        // The bound at which reading begins is one place, so that the index finds it; the other bound is a time.
        var (begin, other) = query.Ascending
            ? (Later(_after, query.Filter.Since is { } since ? new LetterCursor(LetterTime.Of(since) - 1, long.MaxValue) : new LetterCursor(long.MinValue, 0)), Micros(query.Filter.Until, long.MaxValue))
            : (Earlier(_after, query.Filter.Until is { } until ? new LetterCursor(LetterTime.Of(until), 0) : new LetterCursor(long.MaxValue, long.MaxValue)), Micros(query.Filter.Since, long.MinValue));
        var (order, sign, bound) = query.Ascending ? ("ASC", ">", "<") : ("DESC", "<", ">=");
        // Letters of the same moment first: a comparison of both at once would look at all of them again for every step.
        Read($"at = ${first + 1} AND no {sign} ${first + 2} AND no <= ${first + 3} AND at {bound} ${first + 4} ORDER BY no {order} LIMIT ${first + 5}", begin.At, begin.Number, query.Through, other, step);
        if (_entries.Count < step)
            Read($"at {sign} ${first + 1} AND at {bound} ${first + 2} AND no <= ${first + 3} ORDER BY at {order}, no {order} LIMIT ${first + 4}", begin.At, other, query.Through, step - _entries.Count);
        if (_entries.Count < step)
            _ended = true;
        else
            _after = _entries.Last().Place;
    }

    private void Read(string range, params object?[] bounds)
    {
        using var rows = session.Query($"SELECT at, no, group_no, state FROM letters WHERE {condition} AND {range}", [.. values, .. bounds]);
        while (rows.Read())
            _entries.Enqueue(new LetterEntry(new LetterCursor(rows.GetInt64(0), rows.GetInt64(1)), rows.GetInt32(2), (LetterState)rows.GetInt32(3)));
    }

    private static long Micros(DateTimeOffset? time, long otherwise) => time is { } given ? LetterTime.Of(given) : otherwise;

    private static LetterCursor Later(LetterCursor? cursor, LetterCursor bound) => cursor is { } at && (at.At, at.Number).CompareTo((bound.At, bound.Number)) > 0 ? at : bound;

    private static LetterCursor Earlier(LetterCursor? cursor, LetterCursor bound) => cursor is { } at && (at.At, at.Number).CompareTo((bound.At, bound.Number)) < 0 ? at : bound;
}

internal readonly record struct LetterEntry(LetterCursor Place, int Group, LetterState State);
