using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Reads groups with their counters.</summary>
internal static class GroupRows
{
    private const string Select = """
        SELECT no, fingerprint, dead_letter_topic, topic, consumer, class, rule, field, expected, message, first_at, last_at, state0, state1, state2, state3 FROM groups
        WHERE state0 + state1 + state2 + state3 > 0
        """;

    /// <param name="now">Where rates are counted from, microseconds; 0 for no rates.</param>
    public static List<LetterGroup> Read(Session session, long now)
    {
        var five = now == 0 ? [] : Rates(session, now, 5);
        var hour = now == 0 ? [] : Rates(session, now, 60);
        var groups = new List<LetterGroup>();
        using var rows = session.Query(Select);
        while (rows.Read())
        {
            var number = rows.GetInt32(0);
            groups.Add(new LetterGroup(
                number, rows.GetString(1), rows.GetString(2), LetterRows.Text(rows, 3), rows.GetString(4), rows.GetString(5), rows.GetString(6), LetterRows.Text(rows, 7), LetterRows.Text(rows, 8), LetterRows.Text(rows, 9),
                LetterTime.From(rows.GetInt64(10)), LetterTime.From(rows.GetInt64(11)), new StateCounts(rows.GetInt64(12), rows.GetInt64(13), rows.GetInt64(14), rows.GetInt64(15)),
                five.GetValueOrDefault(number), hour.GetValueOrDefault(number)));
        }

        return groups;
    }

    /// <summary>Letters of each group in the minutes that ended last, and in the one that runs.</summary>
    private static Dictionary<int, long> Rates(Session session, long now, int minutes)
    {
        var counts = new Dictionary<int, long>();
        using var rows = session.Query("SELECT group_no, sum(letters) FROM rates WHERE minute > $1 GROUP BY group_no", (now / LetterTime.Minute) - minutes);
        while (rows.Read())
            counts[rows.GetInt32(0)] = rows.GetInt64(1);
        return counts;
    }
}
