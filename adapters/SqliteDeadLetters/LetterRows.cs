using Microsoft.Data.Sqlite;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Reads whole letters.</summary>
internal static class LetterRows
{
    private const string Select = """
        SELECT l.no, l.topic, l.partition, l.offset, l.state, l.version, l.redrives, l.job, l.key, l.trace, l.event,
          g.topic, g.consumer, g.class, g.rule, g.field,
          b.found, b.expected, b.message, b.source, b.position, b.origin_partition, b.origin_offset, b.content_type, b.headers, b.received, b.failed, b.attempts, b.original, b.original_length,
          b.original_sha256, b.fingerprint, b.redrive_of, b.is_record,
          e.parent, e.at, e.who, e.what, e.key, e.value, l.at
        FROM letters l JOIN groups g ON g.no = l.group_no JOIN bodies b ON b.no = l.no LEFT JOIN edits e ON e.no = l.no AND e.version = l.version
        """;

    private const string ByNumber = $"{Select} WHERE l.no = $1";
    private const string ByPlace = $"{Select} WHERE l.topic = $1 AND l.partition = $2 AND l.offset = $3";
    private const string InHandOf = $"{Select} WHERE l.job = $1 AND l.state = 1 ORDER BY l.at, l.no";

    public static StoredLetter? Find(Session session, long number) => One(session.Query(ByNumber, number));

    public static StoredLetter? Find(Session session, LetterPlace place) => One(session.Query(ByPlace, place.Topic, place.Partition, place.Offset));

    public static IReadOnlyList<StoredLetter> InHand(Session session, string job)
    {
        using var rows = session.Query(InHandOf, job);
        var found = new List<StoredLetter>();
        while (rows.Read())
            found.Add(Read(rows));
        return found;
    }

    public static LetterEdit ReadEdit(SqliteDataReader rows, int version, int first) => new(
        version, rows.GetInt32(first), LetterTime.From(rows.GetInt64(first + 1)), rows.GetString(first + 2), rows.GetString(first + 3), rows.GetFieldValue<byte[]>(first + 5), Text(rows, first + 4));

    public static string? Text(SqliteDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetString(column);

    private static StoredLetter? One(SqliteDataReader rows)
    {
        using (rows)
            return rows.Read() ? Read(rows) : null;
    }

    private static StoredLetter Read(SqliteDataReader rows)
    {
        var content = new LetterContent
        {
            Place = new LetterPlace(rows.GetString(1), rows.GetInt32(2), rows.GetInt64(3)),
            Reason = new LetterReason(rows.GetString(13), rows.GetString(14), Text(rows, 15), Text(rows, 16), Text(rows, 17), Text(rows, 18)),
            Origin = new LetterOrigin(Text(rows, 19), Number(rows, 20), Text(rows, 11), (int?)Number(rows, 21), Number(rows, 22), Text(rows, 8), rows.GetString(12)),
            Original = rows.GetFieldValue<byte[]>(28),
            OriginalLength = Number(rows, 29),
            OriginalSha256 = Text(rows, 30),
            ContentType = Text(rows, 23),
            Headers = rows.IsDBNull(24) ? default : new MessageHeaders(rows.GetFieldValue<byte[]>(24)),
            ReceivedAt = LetterTime.From(rows.GetInt64(25)),
            FailedAt = LetterTime.From(rows.GetInt64(26)),
            Attempts = rows.GetInt32(27),
            TraceId = Text(rows, 9),
            EventId = Text(rows, 10),
            Fingerprint = rows.GetString(31),
            Redrives = rows.GetInt32(6),
            RedriveOf = Text(rows, 32),
            IsRecord = rows.GetInt32(33) != 0,
        };
        return new StoredLetter(rows.GetInt64(0), content, (LetterState)rows.GetInt32(4), rows.GetInt32(5), rows.GetInt32(6), Text(rows, 7))
        {
            Cursor = new LetterCursor(rows.GetInt64(40), rows.GetInt64(0)),
            Edit = rows.IsDBNull(39) ? null : ReadEdit(rows, rows.GetInt32(5), 34),
        };
    }

    private static long? Number(SqliteDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetInt64(column);
}
