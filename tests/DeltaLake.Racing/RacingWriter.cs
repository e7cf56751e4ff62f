using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.DeltaLake.Racing;

/// <summary>Carries out the steps of one writer on a shared table, and now and then packs small files.</summary>
public sealed class RacingWriter(string path, int writer, string stopFile)
{
    public static readonly RowSchema Schema = new([
        new Field("id", FieldType.String, false),
        new Field("key", FieldType.Int64, false),
        new Field("value", FieldType.Int64, false),
    ]);

    private static readonly Dictionary<string, string> s_none = [];

    private readonly DeltaTable _table = DeltaTable.At(path, new DeltaTableOptions(), TimeProvider.System);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!File.Exists(stopFile))
        {
            var snapshot = (await _table.GetSnapshotAsync(null, cancellationToken))!;
            var step = snapshot.Transactions.GetValueOrDefault(RacePlan.AppId(writer)) + 1;
            if (step % 7 == writer % 7)
                await PackAsync(snapshot, cancellationToken);
            await StepAsync(step, cancellationToken);
        }
    }

    /// <summary>Until the step is in the table, by this attempt or by one whose answer was lost.</summary>
    private async Task StepAsync(long step, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = (await _table.GetSnapshotAsync(null, cancellationToken))!;
            if (snapshot.Transactions.GetValueOrDefault(RacePlan.AppId(writer)) >= step)
                return;
            var (what, batch) = RacePlan.At(writer, step);
            var transaction = _table.BeginTransaction(snapshot).SetTransaction(RacePlan.AppId(writer), step);
            if (what == RaceStep.Append)
                await AddAsync(transaction, snapshot, Rows(batch, step), true, cancellationToken);
            else
                await RewriteAsync(transaction, snapshot, what, RacePlan.Key(writer, batch), step, cancellationToken);
            if (await transaction.CommitAsync(what.ToString().ToUpperInvariant(), s_none, cancellationToken) is CommitResult.Committed)
                return;
        }
    }

    private async Task RewriteAsync(DeltaTransaction transaction, Snapshot snapshot, RaceStep what, long key, long step, CancellationToken cancellationToken)
    {
        transaction.DependsOnFilesWhere(file => MayHold(file, key));
        var touched = snapshot.Files.Where(file => MayHold(file, key)).ToList();
        if (touched.Count == 0)
            return;
        foreach (var file in touched)
            transaction.Remove(file);
        var sql = what == RaceStep.Delete ? $"SELECT * FROM t WHERE key <> {key}" : $"SELECT id, key, CASE WHEN key = {key} THEN {step} ELSE value END FROM t";
        await AddAsync(transaction, snapshot, await ReadAsync(snapshot, touched, sql, cancellationToken), true, cancellationToken);
    }

    /// <summary>Writes the rows of some small files as one. A lost race is none of our business: another time.</summary>
    private async Task PackAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var small = snapshot.Files.Where(file => file.NumRecords < 500).Take(12).ToList();
        if (small.Count < 2)
            return;
        var transaction = _table.BeginTransaction(snapshot).DependsOnFiles(small);
        foreach (var file in small)
            transaction.Remove(file, dataChange: false);
        await AddAsync(transaction, snapshot, await ReadAsync(snapshot, small, "SELECT * FROM t", cancellationToken), false, cancellationToken);
        await transaction.CommitAsync("OPTIMIZE", s_none, cancellationToken);
    }

    private async Task<ColumnBatch> ReadAsync(Snapshot snapshot, IReadOnlyList<AddFile> files, string sql, CancellationToken cancellationToken)
    {
        using var session = DuckDbSession.Open(new DuckDbOptions { Threads = 1, MemoryLimitMiB = 256 });
        await session.RegisterSnapshotAsync("t", path, snapshot, files, cancellationToken);
        var batch = new ColumnBatch(Schema);
        foreach (var row in await session.RowsAsync(sql, cancellationToken))
            Append(batch, (string)row[0]!, Convert.ToInt64(row[1], CultureInfo.InvariantCulture), Convert.ToInt64(row[2], CultureInfo.InvariantCulture));
        return batch;
    }

    private async Task AddAsync(DeltaTransaction transaction, Snapshot snapshot, ColumnBatch rows, bool dataChange, CancellationToken cancellationToken)
    {
        foreach (var file in await _table.WriteFilesAsync(Schema, snapshot.PartitionColumns, [rows], cancellationToken))
            transaction.Add(file with { DataChange = dataChange });
    }

    private ColumnBatch Rows(long batchNumber, long step)
    {
        var batch = new ColumnBatch(Schema);
        var key = RacePlan.Key(writer, batchNumber);
        for (var i = 0; i < RacePlan.RowsOf(writer, batchNumber); i++)
            Append(batch, string.Create(CultureInfo.InvariantCulture, $"{key}-{i}"), key, step);
        return batch;
    }

    private static void Append(ColumnBatch batch, string id, long key, long value)
    {
        ((StringColumn)batch.Columns[0]).Append(id);
        ((Int64Column)batch.Columns[1]).Append(key);
        ((Int64Column)batch.Columns[2]).Append(value);
    }

    private static bool MayHold(AddFile file, long key)
    {
        using var stats = JsonDocument.Parse(file.Stats!);
        return stats.RootElement.GetProperty("minValues").GetProperty("key").GetInt64() <= key && key <= stats.RootElement.GetProperty("maxValues").GetProperty("key").GetInt64();
    }
}
