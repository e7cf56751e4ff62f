using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sqlite;

/// <summary>Brings a database to the schema that daprd's component has, by the level noted in the metadata table.</summary>
internal static class SqliteSchema
{
    public static void Migrate(SqliteConnection connection, SqliteStateOptions options, ILogger logger) =>
        SqliteMigration.Run(connection, options.MetadataTableName, "migrations", () =>
        {
            Log.CreatingTable(logger, options.TableName);
            SqliteConnections.Run(connection, TableOf(options.TableName));
        });

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
