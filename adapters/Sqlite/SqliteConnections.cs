using Microsoft.Data.Sqlite;

namespace RealTimeMesh.Sqlite;

/// <summary>Opens connections with the settings of a component.</summary>
internal static class SqliteConnections
{
    public static SqliteConnection Open(SqliteStateOptions options)
    {
        var address = options.Address;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = address.Uri,
            Mode = address.IsReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            // SQLite itself waits for the lock; the library's own wait sleeps on the thread and must not come on top.
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            Run(connection, $"PRAGMA busy_timeout({(int)Math.Clamp(options.BusyTimeout.TotalMilliseconds, 0, int.MaxValue)})");
            Run(connection, Journal(options));
            foreach (var pragma in address.Pragmas)
                Run(connection, pragma);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new SqliteStoreException($"failed to create connection: {e.Message} (database {address.Uri}); check that folder and file exist, may be read and written, and are on a local disk", e);
        }
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Journal(SqliteStateOptions options)
    {
        if (options.Address.IsInMemory)
            return "PRAGMA journal_mode(MEMORY)";
        // A database that can only be read keeps the mode it has.
        if (options.Address.IsReadOnly)
            return "PRAGMA journal_mode";
        return options.DisableWal ? "PRAGMA journal_mode(DELETE)" : "PRAGMA journal_mode(WAL)";
    }
}
