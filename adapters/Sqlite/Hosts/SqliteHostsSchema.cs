using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sqlite;

/// <summary>Brings a database to the schema of daprd's <c>nameresolution.sqlite</c>, by the level noted in the metadata table.</summary>
internal static class SqliteHostsSchema
{
    private const int Level = 1;

    public static void Migrate(SqliteConnection connection, SqliteStateOptions options, ILogger logger)
    {
        SqliteConnections.Run(connection, "BEGIN EXCLUSIVE TRANSACTION");
        try
        {
            SqliteConnections.Run(connection, $"CREATE TABLE IF NOT EXISTS {options.MetadataTableName} (key text NOT NULL PRIMARY KEY, value text NOT NULL)");
            if (CurrentLevel(connection, options) < Level)
            {
                Log.CreatingHosts(logger, options.TableName);
                SqliteConnections.Run(connection, TableOf(options.TableName));
                SqliteConnections.Run(connection, $"REPLACE INTO {options.MetadataTableName} (key, value) VALUES ('nr-migrations', '{Level}')");
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
        command.CommandText = $"SELECT value FROM {options.MetadataTableName} WHERE key = 'nr-migrations'";
        var text = Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
        if (text.Length == 0)
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            ? level
            : throw new SqliteStoreException($"invalid migration level found in metadata table: {text}");
    }

    private static string TableOf(string name) => $"""
        CREATE TABLE {name} (
          registration_id TEXT NOT NULL PRIMARY KEY,
          address TEXT NOT NULL,
          app_id TEXT NOT NULL,
          namespace TEXT NOT NULL,
          last_update INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX {name}_address_idx ON {name} (address);
        CREATE INDEX {name}_last_update_idx ON {name} (last_update);
        """;
}
