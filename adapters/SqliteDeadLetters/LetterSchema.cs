namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>The tables. What is searched and changed is apart from the messages, so that neither drags the other along.</summary>
internal static class LetterSchema
{
    /// <summary>Written to <c>user_version</c>.</summary>
    public const int Version = 2;

    /// <summary>What version 1 did not have.</summary>
    public const string FromVersion1 = "CREATE TABLE notes (name TEXT PRIMARY KEY, note TEXT NOT NULL) WITHOUT ROWID;";

    public const string Create = $"""
        CREATE TABLE positions (topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, partition)) WITHOUT ROWID;
        CREATE TABLE groups (
          no INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, dead_letter_topic TEXT NOT NULL, topic TEXT, consumer TEXT NOT NULL, class TEXT NOT NULL, rule TEXT NOT NULL, field TEXT,
          expected TEXT, message TEXT, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
          state0 INTEGER NOT NULL DEFAULT 0, state1 INTEGER NOT NULL DEFAULT 0, state2 INTEGER NOT NULL DEFAULT 0, state3 INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE rates (minute INTEGER NOT NULL, group_no INTEGER NOT NULL, letters INTEGER NOT NULL, PRIMARY KEY (minute, group_no)) WITHOUT ROWID;
        CREATE TABLE letters (
          no INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, group_no INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL,
          version INTEGER NOT NULL, redrives INTEGER NOT NULL, bytes INTEGER NOT NULL, job TEXT, key TEXT, trace TEXT, event TEXT);
        CREATE UNIQUE INDEX letters_place ON letters (topic, partition, offset);
        CREATE INDEX letters_state ON letters (state, at);
        CREATE INDEX letters_group ON letters (group_no, state, at);
        CREATE INDEX letters_key ON letters (key, at) WHERE key IS NOT NULL;
        CREATE INDEX letters_trace ON letters (trace) WHERE trace IS NOT NULL;
        -- Only what was redriven can come back.
        CREATE INDEX letters_event ON letters (event) WHERE event IS NOT NULL AND state IN (1, 2);
        CREATE INDEX letters_job ON letters (job, at) WHERE state = 1;
        CREATE TABLE bodies (
          no INTEGER PRIMARY KEY, found TEXT, expected TEXT, message TEXT, source TEXT, position INTEGER, origin_partition INTEGER, origin_offset INTEGER, content_type TEXT, headers BLOB,
          received INTEGER NOT NULL, failed INTEGER NOT NULL, attempts INTEGER NOT NULL, original BLOB NOT NULL, original_length INTEGER, original_sha256 TEXT, fingerprint TEXT NOT NULL, redrive_of TEXT, is_record INTEGER NOT NULL);
        CREATE TABLE edits (no INTEGER NOT NULL, version INTEGER NOT NULL, parent INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, key TEXT, value BLOB NOT NULL);
        CREATE UNIQUE INDEX edits_version ON edits (no, version);
        CREATE TABLE history (no INTEGER NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, detail TEXT);
        CREATE INDEX history_letter ON history (no);
        CREATE TABLE jobs (id TEXT PRIMARY KEY, job TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE totals (letters INTEGER NOT NULL, bytes INTEGER NOT NULL);
        INSERT INTO totals VALUES (0, 0);
        {FromVersion1}
        """;
}
