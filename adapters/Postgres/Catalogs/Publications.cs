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

    /// <summary>
    /// How each table is published, as a text that is another one where the table was taken out and put back, is another
    /// table of that name, or the publication's settings were altered: what changed meanwhile may never have been sent.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, string>> StateAsync(NpgsqlConnection connection, string name, IReadOnlyList<string> tables, CancellationToken cancellationToken)
    {
        var schemas = connection.PostgreSqlVersion.Major >= 15 ? "(SELECT s.oid FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid)" : "NULL";
        var query = $"""
            SELECT n.nspname || '.' || c.relname, md5(concat_ws('/', c.oid, p.oid, p.xmin, {schemas},
                   (SELECT string_agg(to_jsonb(r)::text, '/' ORDER BY r.oid) FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid)))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN pg_publication p
            WHERE p.pubname = $1 AND n.nspname || '.' || c.relname = ANY ($2)
            """;
        Dictionary<string, string> states = new(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = name }, new() { Value = tables.ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            states[reader.GetString(0)] = reader.GetString(1);
        return states;
    }

    /// <summary>Throws where tables are published otherwise than before; positions of earlier versions do not tell.</summary>
    public static void Compare(string name, IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string> now, IEnumerable<string> tables)
    {
        var altered = tables.Where(table => before is not null && before.TryGetValue(table, out var state) && now.GetValueOrDefault(table) != state).ToList();
        if (altered.Count > 0)
            throw Timelines.Lost($"publication {name}: found {string.Join(", ", altered)} published otherwise than before (taken out, put back, filtered anew, or a new table of that name); expected no change: what happened meanwhile may be missing.");
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
