using System.Text;
using Npgsql;
using NpgsqlTypes;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Postgres.Catalogs;

namespace RealTimeMesh.Postgres.Feeds;

/// <summary>
/// Fills in large values that an update did not touch: the log does not hold them, so they are read from the table by
/// the row's key. What is found may be newer than the update; then a later change of the log brings the same. A row
/// that is gone by now is deleted or moved later in the log, and its values count as lost.
/// </summary>
internal sealed class UnchangedValues(NpgsqlDataSource database, IReadOnlyList<CatalogTable> tables, IReadOnlySet<string> wanted) : IAsyncDisposable
{
    private readonly Dictionary<string, CatalogTable> _tables = tables.ToDictionary(table => table.Table.Name, StringComparer.Ordinal);
    private NpgsqlConnection? _connection;

    /// <summary>Leaves no unchanged value in the block.</summary>
    public async Task ResolveAsync(ChangeBlock block, CancellationToken cancellationToken)
    {
        Dictionary<(ChangeTable Table, string Columns), List<int>> groups = [];
        for (var i = 0; i < block.Count; i++)
        {
            if (block[i].Table is { } table && block[i].Operation != ChangeOperation.Truncate && Missing(block, block[i]) is { Count: > 0 } columns)
            {
                var key = (table, string.Join(',', columns));
                if (!groups.TryGetValue(key, out var rows))
                    groups[key] = rows = [];
                rows.Add(i);
            }
        }

        foreach (var ((table, columns), rows) in groups)
            await ReadAsync(block, table, [.. columns.Split(',').Select(int.Parse)], rows, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    /// <summary>Columns to read; those that nobody wants are settled at once.</summary>
    private List<int> Missing(ChangeBlock block, in Change change)
    {
        List<int> missing = [];
        for (var column = 0; column < change.Table!.Columns.Count; column++)
        {
            if (block.StateOf(change, column) != ChangeValue.Unchanged)
                continue;
            if (wanted.Contains(change.Table.Columns[column].Name))
                missing.Add(column);
            else
                block.Replace(change, column, ChangeValue.Absent);
        }

        return missing;
    }

    private async Task ReadAsync(ChangeBlock block, ChangeTable table, int[] columns, List<int> rows, CancellationToken cancellationToken)
    {
        var keys = table.Columns.Select((column, i) => (column, i)).Where(item => item.column.IsKey).ToList();
        var values = new Dictionary<int, string?[]>();
        if (keys.Count > 0)
        {
            // The columns may be gone from the table meanwhile: then nothing can be told of them.
            try
            {
                await QueryAsync(block, table, columns, rows, keys, values, cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedTable)
            {
                values.Clear();
            }
        }

        for (var row = 0; row < rows.Count; row++)
        {
            var change = block[rows[row]];
            var found = values.GetValueOrDefault(row);
            for (var i = 0; i < columns.Length; i++)
            {
                if (found is null)
                    block.Replace(change, columns[i], ChangeValue.Lost);
                else if (found[i] is { } text)
                    block.Replace(change, columns[i], Encoding.UTF8.GetBytes(text));
                else
                    block.Replace(change, columns[i], ChangeValue.Null);
            }
        }
    }

    private async Task QueryAsync(ChangeBlock block, ChangeTable table, int[] columns, List<int> rows, List<(ChangeColumn Column, int Index)> keys, Dictionary<int, string?[]> values, CancellationToken cancellationToken)
    {
        var known = _tables[table.Name];
        var names = keys.Select(key => CatalogTable.Quote(key.Column.Name)).ToList();
        var types = keys.Select(key => known.Table.Columns.FirstOrDefault(column => column.Name == key.Column.Name)?.TypeName ?? "text").ToList();
        // Texts of the types' own output; a boolean, which would differ, is never stored apart from its row.
        var sql = $"SELECT k.ord, {string.Join(", ", columns.Select(i => $"t.{CatalogTable.Quote(table.Columns[i].Name)}::text"))} FROM unnest({string.Join(", ", keys.Select((_, i) => $"${i + 1}::text[]"))}) WITH ORDINALITY AS k({string.Join(", ", keys.Select((_, i) => $"k{i}"))}, ord) JOIN {known.Sql} t ON {string.Join(" AND ", names.Select((name, i) => $"t.{name} = k.k{i}::{types[i]}"))}";
        _connection ??= await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, _connection);
        foreach (var (_, index) in keys)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = rows.Select(row => Encoding.UTF8.GetString(block.TextOf(block[row], index))).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            values[(int)reader.GetInt64(0) - 1] = [.. columns.Select((_, i) => reader.IsDBNull(i + 1) ? null : reader.GetString(i + 1))];
    }
}
