using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.DeltaLake.Racing;

/// <summary>Carries out the steps of one writer on a shared table, and now and then puts small files together.</summary>
public sealed class RacingWriter(string path, int writer, string stopFile, ITableStore store)
{
    public static readonly RowSchema Schema = new([
        new Field("id", FieldType.String, false),
        new Field("key", FieldType.Int64, false),
        new Field("value", FieldType.Int64, false),
    ]);

    private readonly DeltaTable _table = DeltaTable.At(path, new DeltaTableOptions { Store = store, Engine = new DuckDbTableEngine(new DuckDbOptions { Threads = 1 }), MaxOperationAttempts = 1000 }, TimeProvider.System);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!File.Exists(stopFile))
        {
            var step = await DoneAsync(cancellationToken) + 1;
            if (step % 7 == writer % 7)
                await PackAsync(cancellationToken);
            await StepAsync(step, cancellationToken);
        }
    }

    private async Task<long> DoneAsync(CancellationToken cancellationToken) =>
        (await _table.GetSnapshotAsync(null, cancellationToken))!.Transactions.GetValueOrDefault(RacePlan.AppId(writer));

    private async Task StepAsync(long step, CancellationToken cancellationToken)
    {
        var (what, batch) = RacePlan.At(writer, step);
        var key = RacePlan.Key(writer, batch).ToString(CultureInfo.InvariantCulture);
        var value = step.ToString(CultureInfo.InvariantCulture);
        var application = new ApplicationVersion(RacePlan.AppId(writer), step);
        switch (what)
        {
            case RaceStep.Append:
                await _table.WriteAsync(new WriteRequest(RowSource.Columns(Schema, [Rows(batch, step)])) { Application = application }, cancellationToken);
                break;
            case RaceStep.Delete:
                await _table.DeleteAsync(new DeleteRequest($"key = {key}") { Application = application }, cancellationToken);
                break;
            case RaceStep.Update when step % 2 == 0:
                await _table.UpdateAsync(new UpdateRequest(new Dictionary<string, string> { ["value"] = value }, $"key = {key}") { Application = application }, cancellationToken);
                break;
            default:
                var merge = _table.Merge(RowSource.Query($"SELECT CAST({key} AS BIGINT) AS key, CAST({value} AS BIGINT) AS value"), "target.key = source.key")
                    .WhenMatchedUpdate(new Dictionary<string, string> { ["value"] = "source.value" });
                await _table.MergeAsync(merge.Request with { Application = application }, cancellationToken);
                break;
        }

        // The batch may have been deleted before: then there was nothing to commit, and the step stands for itself.
        while (await DoneAsync(cancellationToken) < step)
        {
            var snapshot = await _table.GetSnapshotAsync(null, cancellationToken);
            await _table.BeginTransaction(snapshot).SetTransaction(application.AppId, step).CommitAsync("STEP", new Dictionary<string, string>(), cancellationToken);
        }
    }

    private async Task PackAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _table.OptimizeAsync(new OptimizeRequest { TargetFileBytes = 64 * 1024 }, cancellationToken);
        }
        catch (DeltaConflictException)
        {
            // Another time: the rows are where they were.
        }
    }

    private ColumnBatch Rows(long batchNumber, long step)
    {
        var batch = new ColumnBatch(Schema);
        var key = RacePlan.Key(writer, batchNumber);
        for (var i = 0; i < RacePlan.RowsOf(writer, batchNumber); i++)
        {
            ((StringColumn)batch.Columns[0]).Append(string.Create(CultureInfo.InvariantCulture, $"{key}-{i}"));
            ((Int64Column)batch.Columns[1]).Append(key);
            ((Int64Column)batch.Columns[2]).Append(step);
        }

        return batch;
    }
}
