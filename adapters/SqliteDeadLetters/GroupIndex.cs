using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Numbers of groups, and the changes of their counters within one transaction. The writer's own.</summary>
internal sealed class GroupIndex(int mostGroups)
{
    /// <summary>Where causes are beyond counting, further ones share the group of their rule.</summary>
    public const string Overflow = "0000000000000000";

    private readonly Dictionary<GroupKey, int> _numbers = [];
    private readonly Dictionary<int, Delta> _deltas = [];
    private readonly Dictionary<(long Minute, int Group), int> _rates = [];
    private readonly List<GroupKey> _added = [];

    public void Load(Session session)
    {
        _numbers.Clear();
        using var rows = session.Query("SELECT no, fingerprint, dead_letter_topic, topic, consumer, class, rule, field FROM groups");
        while (rows.Read())
            _numbers[new GroupKey(rows.GetString(1), rows.GetString(2), Text(rows, 3), rows.GetString(4), rows.GetString(5), rows.GetString(6), Text(rows, 7))] = rows.GetInt32(0);
    }

    /// <summary>The group of a new letter, which is counted.</summary>
    public int Count(Session session, LetterContent letter, long at, long now)
    {
        var key = new GroupKey(letter.Fingerprint, letter.Place.Topic, letter.Origin.Topic, letter.Origin.Consumer, letter.Reason.Class, letter.Reason.Rule, letter.Reason.Field);
        if (!_numbers.TryGetValue(key, out var number))
        {
            var beyond = _numbers.Count >= mostGroups;
            if (beyond)
                key = key with { Fingerprint = Overflow };
            if (!beyond || !_numbers.TryGetValue(key, out number))
                number = Add(session, key, letter, at);
        }

        ref var delta = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_deltas, number, out var known);
        if (!known)
            delta = new Delta { First = at, Last = at };
        delta.Open++;
        delta.First = Math.Min(delta.First, at);
        delta.Last = Math.Max(delta.Last, at);
        if (at >= now - (2 * 60 * LetterTime.Minute))
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_rates, (at / LetterTime.Minute, number), out _)++;
        return number;
    }

    public void Move(int group, LetterState? from, LetterState? to)
    {
        ref var delta = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_deltas, group, out var known);
        if (!known)
            delta = new Delta { First = long.MaxValue, Last = long.MinValue };
        delta.Add(from, -1);
        delta.Add(to, 1);
    }

    /// <summary>Writes the changes; within the transaction.</summary>
    public void Flush(Session session)
    {
        foreach (var (group, delta) in _deltas)
        {
            session.Execute(
                "UPDATE groups SET state0 = state0 + $1, state1 = state1 + $2, state2 = state2 + $3, state3 = state3 + $4, first_at = min(first_at, $5), last_at = max(last_at, $6) WHERE no = $7",
                delta.Open, delta.Redriving, delta.Redriven, delta.Discarded, delta.First, delta.Last, group);
        }

        foreach (var ((minute, group), letters) in _rates)
            session.Execute("INSERT INTO rates VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET letters = letters + excluded.letters", minute, group, letters);
    }

    /// <summary>After a transaction.</summary>
    public void End(bool committed)
    {
        _deltas.Clear();
        _rates.Clear();
        if (!committed)
            _added.ForEach(key => _numbers.Remove(key));
        _added.Clear();
    }

    /// <summary>Forgets groups that have no letters any more; within the transaction.</summary>
    public bool DropEmpty(Session session)
    {
        session.Execute("DELETE FROM rates WHERE group_no IN (SELECT no FROM groups WHERE state0 + state1 + state2 + state3 = 0)");
        return session.Execute("DELETE FROM groups WHERE state0 + state1 + state2 + state3 = 0") > 0;
    }

    private int Add(Session session, GroupKey key, LetterContent letter, long at)
    {
        var other = key.Fingerprint == Overflow;
        session.Execute(
            "INSERT INTO groups (fingerprint, dead_letter_topic, topic, consumer, class, rule, field, expected, message, first_at, last_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
            key.Fingerprint, key.DeadLetterTopic, key.Topic, key.Consumer, key.Class, key.Rule, key.Field, other ? null : letter.Reason.Expected, other ? "further causes" : letter.Reason.Message, at);
        var number = (int)session.Number("SELECT last_insert_rowid()");
        _numbers[key] = number;
        _added.Add(key);
        return number;
    }

    private static string? Text(Microsoft.Data.Sqlite.SqliteDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetString(column);

    private readonly record struct GroupKey(string Fingerprint, string DeadLetterTopic, string? Topic, string Consumer, string Class, string Rule, string? Field);

    private struct Delta
    {
        public long Open, Redriving, Redriven, Discarded, First, Last;

        public void Add(LetterState? state, int by)
        {
            switch (state)
            {
                case LetterState.Open:
                    Open += by;
                    break;
                case LetterState.Redriving:
                    Redriving += by;
                    break;
                case LetterState.Redriven:
                    Redriven += by;
                    break;
                case LetterState.Discarded:
                    Discarded += by;
                    break;
                default:
                    break;
            }
        }
    }
}
