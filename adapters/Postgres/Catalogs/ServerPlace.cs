using Npgsql;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>Where the server's log is.</summary>
/// <param name="Timeline">The branch of its history that it writes.</param>
/// <param name="Lsn">Where its log ends.</param>
internal sealed record ServerPlace(long Timeline, long Lsn)
{
    public static async Task<ServerPlace> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The control file learns of a promotion with the next checkpoint only; the names of log files begin with the branch.
        const string query = """
            SELECT CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())::int8
                        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int8 END,
                   ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END) - '0/0'::pg_lsn)::int8
            """;
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new ServerPlace(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>The server's list of the branches it comes from; null where this user may not read it.</summary>
    public async Task<string?> HistoryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The replication protocol has a command for it, whose reply the driver can't read since PostgreSQL 15 made it a text.
        await using var command = new NpgsqlCommand($"SELECT pg_read_file('pg_wal/{Timeline:X8}.history')", connection);
        try
        {
            return (string?)await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }
}
