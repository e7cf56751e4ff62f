using Npgsql;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>What the server must allow before anything is made on it.</summary>
internal static class ServerCheck
{
    /// <summary>Throws with everything that is missing; gives the database's identity, which a restored or another server does not share.</summary>
    public static async Task<string> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string query = """
            SELECT current_setting('wal_level'), (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user), current_user::text,
                   (SELECT system_identifier::text FROM pg_control_system()) || '/' || (SELECT oid::text FROM pg_database WHERE datname = current_database()), current_setting('server_version_num')::int
            """;
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        List<string> faults = [];
        if (reader.GetInt32(4) < 120000)
            faults.Add($"server {connection.Host}: found PostgreSQL {connection.ServerVersion}; expected 12 or later.");
        if (reader.GetString(0) != "logical")
            faults.Add($"server {connection.Host}: found wal_level = {reader.GetString(0)}; expected logical. ALTER SYSTEM SET wal_level = logical, then restart the server.");
        if (!reader.GetBoolean(1))
            faults.Add($"user {reader.GetString(2)}: found no right to replicate; expected it. ALTER ROLE {CatalogTable.Quote(reader.GetString(2))} REPLICATION (on Amazon RDS: GRANT rds_replication).");
        return faults.Count == 0 ? reader.GetString(3) : throw new ChangeCaptureException(string.Join(Environment.NewLine, faults));
    }
}
