using System.Globalization;
using Microsoft.Data.Sqlite;

namespace RealTimeMesh.Sqlite;

/// <summary>Brings a database to a level of daprd's schema, as noted in its metadata table under a key of the component's kind.</summary>
internal static class SqliteMigration
{
    /// <summary>Runs <paramref name="create"/> where the level is below 1, in one exclusive transaction. A later level is daprd's business: its components only ever add.</summary>
    public static void Run(SqliteConnection connection, string metadataTable, string key, Action create)
    {
        SqliteConnections.Run(connection, "BEGIN EXCLUSIVE TRANSACTION");
        try
        {
            SqliteConnections.Run(connection, $"CREATE TABLE IF NOT EXISTS {metadataTable} (key text NOT NULL PRIMARY KEY, value text NOT NULL)");
            if (CurrentLevel(connection, metadataTable, key) < 1)
            {
                create();
                SqliteConnections.Run(connection, $"REPLACE INTO {metadataTable} (key, value) VALUES ('{key}', '1')");
            }

            SqliteConnections.Run(connection, "COMMIT TRANSACTION");
        }
        catch
        {
            SqliteConnections.Run(connection, "ROLLBACK TRANSACTION");
            throw;
        }
    }

    private static int CurrentLevel(SqliteConnection connection, string metadataTable, string key)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT value FROM {metadataTable} WHERE key = '{key}'";
        if (command.ExecuteScalar() is not { } found)
            return 0;
        var text = Convert.ToString(found, CultureInfo.InvariantCulture);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            ? level
            : throw new SqliteStoreException($"invalid migration level found in metadata table: {text}");
    }
}
