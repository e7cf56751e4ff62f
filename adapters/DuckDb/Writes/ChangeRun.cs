using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>DELETE and UPDATE: one change for the rows of a predicate.</summary>
internal sealed class ChangeRun(DuckDbSession session, DataFiles data, RowOperation operation, DeltaExpression? where, RowChange change)
{
    private readonly Snapshot _target = operation.Target;
    private readonly RowSql _sql = new(null);

    public async Task<FileChanges> RunAsync(CancellationToken cancellationToken)
    {
        var outcome = await ChangeAsync(cancellationToken);
        var files = outcome.Touched;
        var changed = files.Sum(item => item.Changed);
        var metrics = new Dictionary<string, long>
        {
            ["numRemovedFiles"] = outcome.Removed.Count,
            ["numAddedFiles"] = outcome.Added.Count(file => file.DeletionVector is null || !operation.DeletionVectors),
            [change.IsDelete ? "numDeletedRows" : "numUpdatedRows"] = changed,
            ["numCopiedRows"] = outcome.Copied,
            ["numAddedChangeFiles"] = outcome.Changes.Count,
        };
        if (operation.DeletionVectors)
            metrics["numDeletionVectorsAdded"] = outcome.Added.Count(file => file.DeletionVector is not null);
        return new FileChanges
        {
            Added = outcome.Added,
            Removed = outcome.Removed,
            KeepsRowIds = true,
            Changes = outcome.Changes,
            Read = outcome.Read,
            MayMatch = Candidates.MayMatch(_target, where),
            Metrics = metrics,
        };
    }

    /// <summary>Changes the rows of the predicate and, in the same files, adds the rows of a query.</summary>
    public async Task<ChangeOutcome> ChangeAsync(CancellationToken cancellationToken, string? inserts = null)
    {
        var candidates = Candidates.Of(_target, where);
        var whole = where is null || FilePruning.IsPartitionOnly(_target, where);
        if (where is not null && whole)
            candidates = await Candidates.ByPartitionAsync(session, _target, candidates, where, cancellationToken);
        // Whole files need not be read to be deleted; where new rows come with them the change feed still tells both by files.
        if (change.IsDelete && whole)
        {
            var added = inserts is null ? [] : await data.WriteAsync(_target, RowChecks.Apply(_target, inserts), operation.TargetFileBytes, cancellationToken);
            return new ChangeOutcome(added, candidates, added.Sum(file => file.NumRecords), 0)
            {
                Touched = [.. candidates.Select((file, i) => new TouchedFile(file, i, Math.Max(0, file.LiveRecords), Math.Max(0, file.LiveRecords)))],
                Read = candidates,
            };
        }

        var marks = await MarkAsync(candidates, whole, cancellationToken);
        var outcome = await new ChangeWriter(session, data, operation, _sql, [change]) { Inserts = inserts }.WriteAsync(marks, cancellationToken);
        return outcome with { Read = candidates };
    }

    private async Task<MarkedRows> MarkAsync(IReadOnlyList<AddFile> candidates, bool whole, CancellationToken cancellationToken)
    {
        var marks = session.NextName("marks");
        var scan = await MarkedRows.ScanAsync(session, _target, candidates, cancellationToken);
        var condition = whole ? "true" : _sql.Render(where!);
        await session.ExecuteAsync($"CREATE TEMP TABLE {marks} AS SELECT t.{PreparedScan.FileColumn} AS file, t.{PreparedScan.RowColumn} AS row, {change.Number} AS action, NULL::BIGINT AS sid FROM ({scan}) t WHERE {condition}", cancellationToken);
        return new MarkedRows(session, _target, candidates, marks, null);
    }
}
