using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sqlite;

/// <summary>Brings a database to the schema of daprd's <c>nameresolution.sqlite</c>, by the level noted in the metadata table.</summary>
internal static class SqliteHostsSchema
{
    public static void Migrate(SqliteConnection connection, SqliteStateOptions options, ILogger logger) =>
        SqliteMigration.Run(connection, options.MetadataTableName, "nr-migrations", () =>
        {
            Log.CreatingHosts(logger, options.TableName);
            SqliteConnections.Run(connection, TableOf(options.TableName));
        });

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
