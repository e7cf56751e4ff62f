using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Keeps collected letters; within a transaction.</summary>
internal sealed class LetterInserter(Session session, GroupIndex groups)
{
    /// <summary>What a letter takes beside its message: rows and indexes.</summary>
    private const int Overhead = 600;

    private const string Letter = """
        INSERT INTO letters (topic, partition, offset, group_no, state, at, version, redrives, bytes, job, key, trace, event)
        VALUES ($1, $2, $3, $4, 0, $5, 0, $6, $7, NULL, $8, $9, $10)
        """;

    private const string Body = """
        INSERT INTO bodies VALUES (last_insert_rowid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """;

    public int Insert(string topic, int partition, IReadOnlyList<LetterContent> letters, long next, DateTimeOffset time)
    {
        var now = LetterTime.Of(time);
        var position = session.Number("SELECT next FROM positions WHERE topic = $1 AND partition = $2", topic, partition);
        var (count, bytes) = (0, 0L);
        foreach (var letter in letters)
        {
            if (partition == LetterPlace.NoPartition ? IsKnown(letter.Place) : letter.Place.Offset < position)
                continue;
            bytes += Insert(letter, now);
            count++;
        }

        if (partition != LetterPlace.NoPartition && next > position)
            session.Execute("INSERT INTO positions VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET next = excluded.next", topic, partition, next);
        if (count > 0)
            session.Execute("UPDATE totals SET letters = letters + $1, bytes = bytes + $2", count, bytes);
        groups.Flush(session);
        return count;
    }

    private bool IsKnown(LetterPlace place) => session.Scalar("SELECT 1 FROM letters WHERE topic = $1 AND partition = $2 AND offset = $3", place.Topic, place.Partition, place.Offset) is not null;

    private long Insert(LetterContent letter, long now)
    {
        // A clock that is ahead elsewhere must not hold letters at the top, nor keep retention from them.
        var at = Math.Min(LetterTime.Of(letter.FailedAt), now);
        var ancestor = Ancestor(letter);
        var place = letter.Place;
        var size = Overhead + letter.Original.Length + letter.Headers.Block.Length + (letter.Reason.Message?.Length ?? 0);
        session.Execute(
            Letter, place.Topic, place.Partition, place.Offset, groups.Count(session, letter, at, now), at, Math.Max(letter.Redrives, ancestor?.Redrives ?? 0), size, letter.Origin.Key, letter.TraceId, letter.EventId);
        var (reason, origin) = (letter.Reason, letter.Origin);
        session.Execute(
            Body, reason.Found, reason.Expected, reason.Message, origin.Source, origin.Position, origin.Partition, origin.Offset, letter.ContentType, letter.Headers.IsEmpty ? null : Bytes(letter.Headers.Block),
            LetterTime.Of(letter.ReceivedAt), LetterTime.Of(letter.FailedAt), letter.Attempts, Bytes(letter.Original), letter.OriginalLength, letter.OriginalSha256, letter.Fingerprint, letter.RedriveOf ?? ancestor?.Id, letter.IsRecord ? 1 : 0);
        if (ancestor is { } found)
            session.Execute("INSERT INTO history VALUES ($1, $2, 'returned', '', $3)", found.Number, now, place.ToString());
        return size;
    }

    /// <summary>The letter that came back as this one: by the id its record names, else by the event's own id.</summary>
    private (long Number, int Redrives, string Id)? Ancestor(LetterContent letter)
    {
        if (letter.RedriveOf is { } id)
        {
            if (LetterPlace.Parse(id) is not { } place)
                return null;
            return Find("SELECT no, redrives, topic, partition, offset FROM letters WHERE topic = $1 AND partition = $2 AND offset = $3", place.Topic, place.Partition, place.Offset);
        }

        return letter.EventId is { } identity
            ? Find("SELECT no, redrives, topic, partition, offset FROM letters WHERE event = $1 AND event IS NOT NULL AND state IN (1, 2) ORDER BY no DESC LIMIT 1", identity)
            : null;
    }

    private (long, int, string)? Find(string sql, params ReadOnlySpan<object?> values)
    {
        using var rows = session.Query(sql, values);
        return rows.Read() ? (rows.GetInt64(0), rows.GetInt32(1), new LetterPlace(rows.GetString(2), rows.GetInt32(3), rows.GetInt64(4)).ToString()) : null;
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : memory.ToArray();
}
