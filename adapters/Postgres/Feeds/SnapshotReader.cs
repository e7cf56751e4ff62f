using System.Text;
using Npgsql;
using NpgsqlTypes;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Postgres.Catalogs;

namespace RealTimeMesh.Postgres.Feeds;

/// <summary>
/// Reads the rows that are there already, table by table in the order of the key, under one snapshot. With the snapshot
/// that came with a new slot, the log goes on exactly where it ends. Where that is gone after a restart, reading goes
/// on after the last key under a new snapshot: the log then repeats what changed in between, later and so with effect.
/// </summary>
internal sealed class SnapshotReader(NpgsqlDataSource database, IReadOnlyList<CatalogTable> tables, TimeProvider time)
{
    private const int RowsOfBlock = 500;
    private const int BytesOfBlock = 512 * 1024;

    /// <param name="exported">The snapshot of the new slot; null for one of now.</param>
    /// <param name="start">How far it has come; its LSN is where the log will be followed from.</param>
    /// <param name="rent">Gives blocks to fill.</param>
    /// <param name="emit">Takes them.</param>
    /// <param name="opened">Called once the snapshot is held.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The position after it.</returns>
    public async Task<ChangePosition> RunAsync(string? exported, ChangePosition start, Func<ChangeBlock> rent, Func<ChangeBlock, ValueTask> emit, Action opened, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
        if (exported is not null)
            await ExecuteAsync(connection, $"SET TRANSACTION SNAPSHOT '{exported}'", cancellationToken);
        else
            await ExecuteAsync(connection, "SELECT 1", cancellationToken);
        opened();
        var at = start;
        foreach (var table in tables.Where(table => !start.Snapshot!.Done.Contains(table.Table.Name)))
        {
            at = at.Snapshot!.Table == table.Table.Name ? at : at with { Snapshot = at.Snapshot with { Table = table.Table.Name, LastKey = [] } };
            await ReadTableAsync(connection, table, at, rent, emit, cancellationToken);
            at = at with { Snapshot = new SnapshotPosition { Done = [.. at.Snapshot!.Done, table.Table.Name], Again = at.Snapshot.Again } };
            await emit(Progress(rent(), at));
        }

        at = at with { Snapshot = null };
        await emit(Progress(rent(), at));
        await ExecuteAsync(connection, "COMMIT", cancellationToken);
        return at;
    }

    private async Task ReadTableAsync(NpgsqlConnection connection, CatalogTable table, ChangePosition start, Func<ChangeBlock> rent, Func<ChangeBlock, ValueTask> emit, CancellationToken cancellationToken)
    {
        var at = start.Snapshot!;
        var keys = table.Table.Columns.Select((column, i) => (column, i)).Where(item => item.column.IsKey).Select(item => item.i).ToArray();
        await using var command = Query(connection, table, at.LastKey);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var block = rent();
        // Rows that were deleted where the log is lost are not told by anything else.
        if (at is { Again: true, LastKey.Count: 0 })
            block.Add(ChangeOperation.Truncate, table.Table, start.Lsn, -2, 0, Now());
        var text = new byte[4096];
        while (await reader.ReadAsync(cancellationToken))
        {
            block.Add(ChangeOperation.Read, table.Table, start.Lsn, -1, 0, Now());
            for (var i = 0; i < table.Table.Columns.Count; i++)
                AddValue(block, reader, i, ref text);
            if (block.Count < RowsOfBlock && block.Bytes < BytesOfBlock)
                continue;
            if (keys.Length > 0)
            {
                var last = block[block.Count - 1];
                at = at with { LastKey = [.. keys.Select(key => Encoding.UTF8.GetString(block.TextOf(last, key)))] };
                Progress(block, start with { Snapshot = at });
            }

            await emit(block);
            block = rent();
        }

        await emit(block);
    }

    private static NpgsqlCommand Query(NpgsqlConnection connection, CatalogTable table, IReadOnlyList<string> lastKey)
    {
        var columns = string.Join(", ", table.Table.Columns.Select(column => CatalogTable.Quote(column.Name)));
        var keys = string.Join(", ", table.Keys.Select(key => CatalogTable.Quote(key.Name)));
        var after = lastKey.Count == 0 ? "" : $" WHERE ({keys}) > ({string.Join(", ", table.Keys.Select((key, i) => $"${i + 1}::{key.TypeName}"))})";
        var command = new NpgsqlCommand($"SELECT {columns} FROM {table.Sql}{after}{(keys.Length == 0 ? "" : $" ORDER BY {keys}")}", connection)
        {
            // All values as the server writes them: the same texts as in the log.
            AllResultTypesAreUnknown = true,
            CommandTimeout = 0,
        };
        foreach (var value in lastKey)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Unknown, Value = value });
        return command;
    }

    private static void AddValue(ChangeBlock block, NpgsqlDataReader reader, int column, ref byte[] text)
    {
        if (reader.IsDBNull(column))
        {
            block.AddState(ChangeValue.Null);
            return;
        }

        var value = reader.GetString(column);
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (text.Length < most)
            text = new byte[most];
        block.AddText(text.AsSpan(0, Encoding.UTF8.GetBytes(value, text)));
    }

    private static ChangeBlock Progress(ChangeBlock block, ChangePosition position)
    {
        block.Add(ChangeOperation.Progress, null, position.Lsn, -1, 0, 0, position);
        return block;
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
