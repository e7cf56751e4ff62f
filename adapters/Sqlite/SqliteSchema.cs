using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sqlite;

/// <summary>Brings a database to the schema that daprd's component has, by the level noted in the metadata table.</summary>
internal static class SqliteSchema
{
    private const int Level = 1;

    public static void Migrate(SqliteConnection connection, SqliteStateOptions options, ILogger logger)
    {
        SqliteConnections.Run(connection, "BEGIN EXCLUSIVE TRANSACTION");
        try
        {
            SqliteConnections.Run(connection, $"CREATE TABLE IF NOT EXISTS {options.MetadataTableName} (key text NOT NULL PRIMARY KEY, value text NOT NULL)");
            // A later level is daprd's business: its components only ever add.
            if (CurrentLevel(connection, options) < Level)
            {
                Log.CreatingTable(logger, options.TableName);
                SqliteConnections.Run(connection, TableOf(options.TableName));
                SqliteConnections.Run(connection, $"REPLACE INTO {options.MetadataTableName} (key, value) VALUES ('migrations', '{Level}')");
            }

            SqliteConnections.Run(connection, "COMMIT TRANSACTION");
        }
        catch
        {
            SqliteConnections.Run(connection, "ROLLBACK TRANSACTION");
            throw;
        }
    }

    private static int CurrentLevel(SqliteConnection connection, SqliteStateOptions options)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT value FROM {options.MetadataTableName} WHERE key = 'migrations'";
        var found = command.ExecuteScalar();
        if (found is null)
            return 0;
        var text = Convert.ToString(found, CultureInfo.InvariantCulture);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            ? level
            : throw new SqliteStoreException($"invalid migration level found in metadata table: {text}");
    }

    // Older databases may have the table without the note of its level.
    private static string TableOf(string name) => $"""
        CREATE TABLE IF NOT EXISTS {name} (
          key TEXT NOT NULL PRIMARY KEY,
          value TEXT NOT NULL,
          is_binary BOOLEAN NOT NULL,
          etag TEXT NOT NULL,
          expiration_time TIMESTAMP DEFAULT NULL,
          update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
        )
        """;
}
