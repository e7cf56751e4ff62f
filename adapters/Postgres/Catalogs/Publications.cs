using Npgsql;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>The list, on the server, of tables whose changes are sent.</summary>
internal static class Publications
{
    /// <summary>Makes the publication where there is none; else sees to it that it sends all that is wanted.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, string name, IReadOnlyList<CatalogTable> tables, CancellationToken cancellationToken)
    {
        var sql = string.Join(", ", tables.Select(table => table.Sql));
        if (await FaultAsync(connection, name, tables, sql, cancellationToken) is not (var exists, var fault))
            return;
        if (exists)
            throw new ChangeCaptureException(fault);
        var create = $"CREATE PUBLICATION {CatalogTable.Quote(name)} FOR TABLE {sql}{(connection.PostgreSqlVersion.Major >= 13 ? " WITH (publish_via_partition_root = true)" : "")}";
        try
        {
            await using var command = new NpgsqlCommand(create, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateObject)
        {
            // Another source made it at the same moment; what it made is looked at now.
            await EnsureAsync(connection, name, tables, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new ChangeCaptureException($"publication {name}: found none, and no right to make one ({e.MessageText}); expected a publication. As the tables' owner: {create};", e);
        }
    }

    /// <summary>Null where all is well.</summary>
    private static async Task<(bool Exists, string Fault)?> FaultAsync(NpgsqlConnection connection, string name, IReadOnlyList<CatalogTable> tables, string sql, CancellationToken cancellationToken)
    {
        const string operations = "SELECT pubinsert, pubupdate, pubdelete, pubtruncate FROM pg_publication WHERE pubname = $1";
        await using (var command = new NpgsqlCommand(operations, connection) { Parameters = { new() { Value = name } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return (false, "");
            string[] all = ["insert", "update", "delete", "truncate"];
            var missing = all.Where((_, i) => !reader.GetBoolean(i)).ToList();
            if (missing.Count > 0)
                return (true, $"publication {name}: found one that does not send {string.Join(", ", missing)}; expected all changes. ALTER PUBLICATION {CatalogTable.Quote(name)} SET (publish = 'insert, update, delete, truncate');");
        }

        HashSet<string> published = new(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand("SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = $1", connection) { Parameters = { new() { Value = name } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                published.Add(reader.GetString(0));
        }

        var absent = tables.Where(table => !published.Contains(table.Table.Name)).ToList();
        return absent.Count == 0
            ? null
            : (true, $"publication {name}: found it without {string.Join(", ", absent.Select(table => table.Table.Name))}; expected all captured tables. ALTER PUBLICATION {CatalogTable.Quote(name)} SET TABLE {sql}; (a partitioned table needs publish_via_partition_root = true).");
    }
}
