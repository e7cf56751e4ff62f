using System.Globalization;
using Npgsql;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>Reads the tables that are to be captured, and says what of them can't be.</summary>
internal static class Catalog
{
    private const string Query = """
        SELECT n.nspname, c.relname, c.relkind::text, c.relreplident::text, c.relpersistence::text, a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod), a.atttypmod, a.attnotnull,
               coalesce(a.attnum = ANY (k.indkey::int2[]), false), CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END,
               CASE WHEN t.typtype = 'e' THEN (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) END
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_index k ON k.indrelid = c.oid AND CASE WHEN c.relreplident = 'i' THEN k.indisreplident ELSE k.indisprimary END
        WHERE n.nspname = $1 AND c.relname = $2
        ORDER BY a.attnum
        """;

    /// <summary>All tables; throws with everything that is wrong with any of them.</summary>
    public static async Task<IReadOnlyList<CatalogTable>> ReadAsync(NpgsqlConnection connection, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        List<CatalogTable> tables = [];
        List<string> faults = [];
        foreach (var name in names)
        {
            var (schema, table) = name.Split('.', 2) is [var left, var right] ? (left, right) : ("public", name);
            if (await ReadOneAsync(connection, schema, table, faults, cancellationToken) is { } found)
                tables.Add(found);
        }

        return faults.Count == 0 ? tables : throw new ChangeCaptureException(string.Join(Environment.NewLine, faults));
    }

    private static async Task<CatalogTable?> ReadOneAsync(NpgsqlConnection connection, string schema, string name, List<string> faults, CancellationToken cancellationToken)
    {
        List<ChangeColumn> columns = [];
        Dictionary<uint, ChangeKind> kinds = [];
        var (kind, identity, persistence) = (' ', ' ', ' ');
        await using (var command = new NpgsqlCommand(Query, connection) { Parameters = { new() { Value = schema }, new() { Value = name } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                (kind, identity, persistence) = (reader.GetString(2)[0], reader.GetString(3)[0], reader.GetString(4)[0]);
                var type = PgTypes.KindOf(reader.GetFieldValue<uint>(11));
                kinds[reader.GetFieldValue<uint>(6)] = type;
                var (precision, scale) = type == ChangeKind.Decimal ? PgTypes.Digits(reader.GetInt32(8)) : (0, 0);
                columns.Add(new ChangeColumn(reader.GetString(5), type, reader.GetBoolean(10))
                {
                    TypeName = reader.GetString(7),
                    Nullable = !reader.GetBoolean(9),
                    Precision = precision,
                    Scale = scale,
                    Symbols = reader.IsDBNull(12) ? [] : reader.GetFieldValue<string[]>(12),
                });
            }
        }

        var table = new CatalogTable(schema, name, identity, kind == 'p', new ChangeTable($"{schema}.{name}", columns, identity == 'f'), kinds);
        if (FaultOf(table, kind, persistence) is { } fault)
        {
            faults.Add(fault);
            return null;
        }

        return table;
    }

    private static string? FaultOf(CatalogTable table, char kind, char persistence)
    {
        var label = string.Create(CultureInfo.InvariantCulture, $"table {table.Schema}.{table.Name}");
        if (kind == ' ')
            return $"{label}: found no such table, or none that this user may see; expected a table of the database. Correct 'tables', with schema and in the table's case.";
        if (kind is not ('r' or 'p'))
            return $"{label}: found a {(kind is 'v' or 'm' ? "view" : "relation that is no table")}; expected a table. Capture the tables behind it.";
        if (persistence != 'p')
            return $"{label}: found {(persistence == 'u' ? "an unlogged" : "a temporary")} table; expected one whose changes are logged. ALTER TABLE {table.Sql} SET LOGGED.";
        // With such a table in a publication the server would refuse the application's own updates and deletes.
        if (table.Identity == 'n' || (table.Identity != 'f' && table.Keys.Count == 0))
            return $"{label}: found {(table.Identity == 'n' ? "REPLICA IDENTITY NOTHING" : "no primary key")}; expected rows that updates and deletes can name. Add a primary key, or ALTER TABLE {table.Sql} REPLICA IDENTITY USING INDEX … (or FULL).";
        return null;
    }
}
