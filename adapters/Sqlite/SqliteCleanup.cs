using Microsoft.Data.Sqlite;

namespace RealTimeMesh.Sqlite;

/// <summary>Removes expired rows. Processes that share a database take turns by the time of the last cleanup in the metadata table.</summary>
internal sealed class SqliteCleanup(SqliteStateOptions options, TimeProvider time)
{
    /// <summary>Timers are not exact: a cleanup that ran this much less than an interval ago was one interval ago.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(100);

    /// <summary>How many rows were removed; null where another process was here lately.</summary>
    public int? Run(SqliteConnection connection)
    {
        var now = SqliteTimes.Text(time.GetUtcNow());
        using var turn = connection.CreateCommand();
        turn.CommandText = $"""
            INSERT INTO {options.MetadataTableName} (key, value) VALUES ('last-cleanup', $now)
            ON CONFLICT (key) DO UPDATE SET value = $now WHERE (unixepoch($now) - unixepoch(value)) * 1000 > $interval
            """;
        turn.Parameters.AddWithValue("$now", now);
        turn.Parameters.AddWithValue("$interval", (long)(options.CleanupInterval - Slack).TotalMilliseconds);
        if (turn.ExecuteNonQuery() == 0)
            return null;
        using var remove = connection.CreateCommand();
        remove.CommandText = $"DELETE FROM {options.TableName} WHERE expiration_time IS NOT NULL AND expiration_time < $now";
        remove.Parameters.AddWithValue("$now", now);
        return remove.ExecuteNonQuery();
    }
}
