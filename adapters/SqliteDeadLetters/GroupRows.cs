using System.Runtime.InteropServices;
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
        var rates = now == 0 ? [] : Rates(session, now);
        var groups = new List<LetterGroup>();
        using var rows = session.Query(Select);
        while (rows.Read())
        {
            var number = rows.GetInt32(0);
            var (five, hour) = rates.GetValueOrDefault(number);
            groups.Add(new LetterGroup(
                number, rows.GetString(1), rows.GetString(2), LetterRows.Text(rows, 3), rows.GetString(4), rows.GetString(5), rows.GetString(6), LetterRows.Text(rows, 7), LetterRows.Text(rows, 8), LetterRows.Text(rows, 9),
                LetterTime.From(rows.GetInt64(10)), LetterTime.From(rows.GetInt64(11)), new StateCounts(rows.GetInt64(12), rows.GetInt64(13), rows.GetInt64(14), rows.GetInt64(15)),
                five, hour));
        }

        return groups;
    }

    /// <summary>Letters of each group in the five and sixty minutes that ended last, the one that runs included.</summary>
    private static Dictionary<int, (long Five, long Hour)> Rates(Session session, long now)
    {
        var counts = new Dictionary<int, (long Five, long Hour)>();
        var minute = now / LetterTime.Minute;
        using var rows = session.Query("SELECT group_no, minute, letters FROM rates WHERE minute > $1", minute - 60);
        while (rows.Read())
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, rows.GetInt32(0), out _);
            var letters = rows.GetInt64(2);
            count.Hour += letters;
            if (rows.GetInt64(1) > minute - 5)
                count.Five += letters;
        }

        return counts;
    }
}
