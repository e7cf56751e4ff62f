using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>
/// MERGE in two passes: the first joins the source to the key columns of files that its keys may be in, and marks what changes; the
/// second writes it. Rows and files without a match are never read in full.
/// </summary>
internal sealed class MergeRun(DuckDbSession session, DataFiles data, MergeRows operation, SourceRows source)
{
    private readonly Snapshot _target = operation.Target;
    private readonly RowSql _sql = new(operation.SourceAlias);
    private readonly IReadOnlyList<(int Number, MergeRule Rule)> _rules = [.. operation.Rules.Select((rule, i) => (i + 1, rule))];

    private IReadOnlyList<(int Number, MergeRule Rule)> Matched => [.. _rules.Where(item => item.Rule.Action is MergeAction.MatchedUpdate or MergeAction.MatchedDelete)];

    private IReadOnlyList<(int Number, MergeRule Rule)> Inserts => [.. _rules.Where(item => item.Rule.Action == MergeAction.NotMatchedInsert)];

    private IReadOnlyList<(int Number, MergeRule Rule)> Unmatched => [.. _rules.Where(item => item.Rule.Action is MergeAction.NotMatchedBySourceUpdate or MergeAction.NotMatchedBySourceDelete)];

    public async Task<FileChanges> RunAsync(CancellationToken cancellationToken)
    {
        var rows = await source.StageAsync(cancellationToken);
        var pruning = await MergePruning.FindAsync(session, operation, rows, cancellationToken);
        var files = Unmatched.Count == 0 ? pruning.Files : Union(pruning.Files);
        var marks = await MarkAsync(rows, files, pruning.Rows, cancellationToken);
        var (inserts, inserted) = await InsertsAsync(marks, rows, cancellationToken);
        long numbered = 0;
        if (inserts is not null && Inserts.Any(item => item.Rule.Set.Any(assignment => assignment.Numbers is not null)))
            (inserts, numbered) = await NumberedRows.StageAsync(session, inserts, cancellationToken);
        if (Matched.Count > 0)
            await RequireOneMatchAsync(marks, rows, cancellationToken);
        var changes = Matched.Concat(Unmatched).Select(item => new RowChange(item.Number, item.Rule.Action is MergeAction.MatchedDelete or MergeAction.NotMatchedBySourceDelete ? null : item.Rule.Set)).ToList();
        var writer = new ChangeWriter(session, data, operation, _sql, changes) { Inserts = inserts, InsertedRows = inserted };
        var outcome = await writer.WriteAsync(new MarkedRows(session, _target, files, marks, rows), cancellationToken);
        return new FileChanges
        {
            Added = outcome.Added,
            Removed = outcome.Removed,
            KeepsRowIds = true,
            NumberedRows = numbered,
            Changes = outcome.Changes,
            Read = files,
            MayMatch = Unmatched.Count == 0 ? pruning.MayMatch : null,
            Metrics = await MetricsAsync(rows, outcome, cancellationToken),
        };
    }

    /// <summary>Matched rows with the number of their clause (0 where none applies), then those that no source row matches.</summary>
    private async Task<string> MarkAsync(string rows, IReadOnlyList<AddFile> files, DeltaExpression? filter, CancellationToken cancellationToken)
    {
        var marks = session.NextName("marks");
        var scan = await MarkedRows.ScanAsync(session, _target, files, cancellationToken);
        var choice = _sql.Choice(Matched.Select(item => (item.Number, item.Rule.Condition)));
        await session.ExecuteAsync($"CREATE TEMP TABLE {marks} AS SELECT t.{PreparedScan.FileColumn} AS file, t.{PreparedScan.RowColumn} AS row, {choice} AS action, s.{SourceRows.RowColumn} AS sid FROM ({scan}) t JOIN {rows} s ON {_sql.Render(operation.On)}{(filter is null ? "" : $" WHERE {_sql.Render(filter)}")}", cancellationToken);
        if (Unmatched.Count == 0)
            return marks;
        var all = await MarkedRows.ScanAsync(session, _target, files, cancellationToken);
        choice = _sql.Choice(Unmatched.Select(item => (item.Number, item.Rule.Condition)));
        await session.ExecuteAsync($"INSERT INTO {marks} SELECT file, row, action, NULL FROM (SELECT t.{PreparedScan.FileColumn} AS file, t.{PreparedScan.RowColumn} AS row, {choice} AS action FROM ({all}) t ANTI JOIN {marks} m ON m.file = t.{PreparedScan.FileColumn} AND m.row = t.{PreparedScan.RowColumn}) WHERE action > 0", cancellationToken);
        return marks;
    }

    private async Task RequireOneMatchAsync(string marks, string rows, CancellationToken cancellationToken)
    {
        // As Spark: pairs that no clause changes count only where the merge inserts too; a lone unconditional delete may match twice.
        var filter = Inserts.Count == 0 ? "action > 0" : "sid IS NOT NULL";
        var twice = await session.RowsAsync($"SELECT count(*), min(sid), max(sid) FROM {marks} WHERE {filter} GROUP BY file, row HAVING count(*) > 1 LIMIT 1", cancellationToken);
        if (twice.Count == 0)
            return;
        if (Matched is [{ Rule: { Action: MergeAction.MatchedDelete, Condition: null } }])
        {
            await session.ExecuteAsync($"CREATE OR REPLACE TEMP TABLE {marks} AS SELECT file, row, action, min(sid) AS sid FROM {marks} GROUP BY file, row, action", cancellationToken);
            return;
        }

        var keys = operation.On.References().Where(_sql.IsSource).Select(column => column.Path[0].Name).Distinct().ToList();
        var example = keys.Count == 0 ? "" : string.Join(" and ", (await session.RowsAsync(
            $"SELECT {SqlText.Identifiers(keys)} FROM {rows} WHERE {SourceRows.RowColumn} IN ({twice[0][1]}, {twice[0][2]})", cancellationToken))
            .Select(row => $"({string.Join(", ", keys.Select((key, i) => string.Create(CultureInfo.InvariantCulture, $"{key} = {row[i] ?? "NULL"}")))})"));
        throw new DeltaException(_target.Table, string.Create(CultureInfo.InvariantCulture,
            $"a merge matches one row of the table with {twice[0][0]} source rows, such as {example}; expected at most one (DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE); remove duplicates from the source, or make ON narrower."));
    }

    private async Task<(string? Query, long Rows)> InsertsAsync(string marks, string rows, CancellationToken cancellationToken)
    {
        if (Inserts.Count == 0)
            return (null, 0);
        var matched = $"(SELECT DISTINCT sid FROM {marks} WHERE sid IS NOT NULL)";
        var choice = _sql.Choice(Inserts.Select(item => (item.Number, item.Rule.Condition)));
        var chosen = session.NextName("inserts");
        await session.ExecuteAsync($"CREATE TEMP TABLE {chosen} AS SELECT * FROM (SELECT s.{SourceRows.RowColumn} AS sid, {choice} AS action FROM {rows} s ANTI JOIN {matched} m ON m.sid = s.{SourceRows.RowColumn}) WHERE action > 0", cancellationToken);
        var count = await session.CountAsync($"SELECT count(*) FROM {chosen}", cancellationToken);
        if (count == 0)
            return (null, 0);
        var columns = _target.Schema.Fields.Select((field, i) =>
            $"CASE i.action {string.Join(' ', Inserts.Select(item => $"WHEN {item.Number} THEN {_sql.Value(item.Rule.Set[i])}"))} END AS {SqlText.Identifier(field.Name)}");
        return ($"SELECT {string.Join(", ", columns)} FROM {rows} s JOIN {chosen} i ON i.sid = s.{SourceRows.RowColumn}", count);
    }

    /// <summary>Also the files whose rows a clause for rows without a source row may change.</summary>
    private IReadOnlyList<AddFile> Union(IReadOnlyList<AddFile> files)
    {
        if (Unmatched.Any(item => item.Rule.Condition is null))
            return _target.Files;
        var paths = files.Concat(Unmatched.SelectMany(item => Candidates.Of(_target, item.Rule.Condition))).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        return [.. _target.Files.Where(file => paths.Contains(file.Path))];
    }

    private async Task<IReadOnlyDictionary<string, long>> MetricsAsync(string rows, ChangeOutcome outcome, CancellationToken cancellationToken)
    {
        var changed = outcome.Touched.Sum(item => item.Changed);
        var deleted = outcome.Touched.Sum(item => item.Deleted);
        var inserted = outcome.New - (changed - deleted);
        var metrics = new Dictionary<string, long>
        {
            ["numSourceRows"] = await session.CountAsync($"SELECT count(*) FROM {rows}", cancellationToken),
            ["numTargetRowsInserted"] = inserted,
            ["numTargetRowsUpdated"] = changed - deleted,
            ["numTargetRowsDeleted"] = deleted,
            ["numTargetRowsCopied"] = outcome.Copied,
            ["numOutputRows"] = outcome.New + outcome.Copied,
            ["numTargetFilesAdded"] = outcome.Added.Count(file => file.DeletionVector is null),
            ["numTargetFilesRemoved"] = outcome.Removed.Count,
            ["numTargetChangeFilesAdded"] = outcome.Changes.Count,
        };
        if (operation.DeletionVectors)
            metrics["numTargetDeletionVectorsAdded"] = outcome.Added.Count(file => file.DeletionVector is not null);
        return metrics;
    }
}
