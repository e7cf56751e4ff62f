using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Drops the oldest letters; within a transaction. Those that a job has in hand stay.</summary>
internal sealed class LetterTrimmer(Session session, GroupIndex groups)
{
    /// <summary>Letters of one transaction: others must not wait long for it.</summary>
    private const int Step = 2_000;

    public int Trim(LetterRetention retention, DateTimeOffset now)
    {
        session.Execute("DELETE FROM rates WHERE minute < $1", (LetterTime.Of(now) / LetterTime.Minute) - 120);
        long letters, bytes;
        using (var rows = session.Query("SELECT letters, bytes FROM totals"))
        {
            rows.Read();
            (letters, bytes) = (rows.GetInt64(0), rows.GetInt64(1));
        }

        var oldest = LetterTime.Of(now - retention.Age);
        var (count, freed) = (0, 0L);
        foreach (var letter in Oldest())
        {
            if (letter.At >= oldest && letters - count <= retention.Letters && bytes - freed <= retention.Bytes)
                break;
            session.Execute("DELETE FROM letters WHERE no = $1", letter.Number);
            session.Execute("DELETE FROM bodies WHERE no = $1", letter.Number);
            session.Execute("DELETE FROM edits WHERE no = $1", letter.Number);
            session.Execute("DELETE FROM history WHERE no = $1", letter.Number);
            groups.Move(letter.Group, letter.State, null);
            freed += letter.Bytes;
            count++;
        }

        if (count == 0)
            return 0;
        session.Execute("UPDATE totals SET letters = letters - $1, bytes = bytes - $2", count, freed);
        groups.Flush(session);
        if (groups.DropEmpty(session))
            groups.Load(session);
        return count;
    }

    private IEnumerable<(long Number, long At, int Group, LetterState State, long Bytes)> Oldest()
    {
        var found = new List<(long Number, long At, int Group, LetterState State, long Bytes)>();
        foreach (var state in (LetterState[])[LetterState.Open, LetterState.Redriven, LetterState.Discarded])
        {
            using var rows = session.Query("SELECT no, at, group_no, bytes FROM letters WHERE state = $1 ORDER BY at LIMIT $2", (int)state, Step);
            while (rows.Read())
                found.Add((rows.GetInt64(0), rows.GetInt64(1), rows.GetInt32(2), state, rows.GetInt64(3)));
        }

        return found.OrderBy(letter => letter.At).Take(Step);
    }
}
