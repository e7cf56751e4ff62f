using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>The newest letters of many groups: a short range of the index for each group and state that has any.</summary>
internal static class NewestLetters
{
    private const string Counts = "SELECT state0, state1, state2, state3 FROM groups WHERE no = $1";
    private const string Newest = "SELECT at, no, topic, partition, offset FROM letters WHERE group_no = $1 AND state = $2 ORDER BY at DESC, no DESC LIMIT $3";

    public static Dictionary<int, IReadOnlyList<LetterPlace>> Read(Session session, IReadOnlyCollection<int> groups, IReadOnlyList<LetterState> states, int each, CancellationToken cancellationToken)
    {
        var found = new Dictionary<int, IReadOnlyList<LetterPlace>>();
        var letters = new List<(LetterCursor Cursor, LetterPlace Place)>();
        foreach (var group in groups)
        {
            cancellationToken.ThrowIfCancellationRequested();
            letters.Clear();
            foreach (var state in Held(session, group).Where(state => states.Count == 0 || states.Contains(state)))
            {
                using var rows = session.Query(Newest, group, (int)state, each);
                while (rows.Read())
                    letters.Add((new LetterCursor(rows.GetInt64(0), rows.GetInt64(1)), new LetterPlace(rows.GetString(2), rows.GetInt32(3), rows.GetInt64(4))));
            }

            if (letters.Count > 0)
                found[group] = [.. letters.OrderByDescending(letter => (letter.Cursor.At, letter.Cursor.Number)).Take(each).Select(letter => letter.Place)];
        }

        return found;
    }

    /// <summary>States that a group has letters in, by its counters.</summary>
    private static List<LetterState> Held(Session session, int group)
    {
        var held = new List<LetterState>();
        using var rows = session.Query(Counts, group);
        if (!rows.Read())
            return held;
        for (var state = LetterState.Open; state <= LetterState.Discarded; state++)
        {
            if (rows.GetInt64((int)state) > 0)
                held.Add(state);
        }

        return held;
    }
}
