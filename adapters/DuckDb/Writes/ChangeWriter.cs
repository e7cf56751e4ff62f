using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.RowGroups;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Writes marked rows: their files anew without them and with what they become (copy-on-write), or deletion vectors and the new rows alone.</summary>
internal sealed class ChangeWriter(DuckDbSession session, DataFiles data, RowOperation operation, RowSql sql, IReadOnlyList<RowChange> changes)
{
    private readonly Snapshot _target = operation.Target;

    /// <summary>A query for new rows of the table's columns, or null for none.</summary>
    public string? Inserts { get; init; }

    /// <summary>How many rows that query gives; null where nobody has counted.</summary>
    public long? InsertedRows { get; init; }

    public async Task<ChangeOutcome> WriteAsync(MarkedRows marks, CancellationToken cancellationToken)
    {
        var touched = await marks.TouchedAsync(changes, cancellationToken);
        ChangeOutcome outcome;
        if (operation.DeletionVectors)
        {
            outcome = await WriteVectorsAsync(marks, touched, cancellationToken);
        }
        else
        {
            var reused = await data.FindReusableAsync(_target, marks, touched, cancellationToken);
            touched = [.. touched.Select(item => item with { Rewritten = reused.GetValueOrDefault(item.Number)?.Rewritten })];
            outcome = await RewriteAsync(marks, touched, reused, cancellationToken);
        }

        if (operation.ChangeData && touched.Count > 0)
            outcome = outcome with { Changes = await data.WriteChangesAsync(_target, await ChangeQueryAsync(marks, touched, cancellationToken), cancellationToken) };
        return outcome with { Touched = touched };
    }

    private async Task<ChangeOutcome> WriteVectorsAsync(MarkedRows marks, IReadOnlyList<TouchedFile> touched, CancellationToken cancellationToken)
    {
        var marked = await new VectorWriter(session, data, _target).WriteAsync(marks.Table, touched, cancellationToken);
        var queries = new[] { await UpdatedAsync(marks, touched, cancellationToken), InsertsWithIds }.OfType<string>().ToList();
        var added = queries.Count == 0 ? [] : await data.WriteAsync(_target, RowChecks.Apply(_target, string.Join(" UNION ALL ", queries)), operation.TargetFileBytes, cancellationToken, rowIds: operation.RowTracking);
        return new ChangeOutcome([.. marked, .. added], [.. touched.Select(item => item.File)], added.Sum(file => file.NumRecords), 0);
    }

    private async Task<ChangeOutcome> RewriteAsync(MarkedRows marks, IReadOnlyList<TouchedFile> touched, IReadOnlyDictionary<int, ReusedFile> reused, CancellationToken cancellationToken)
    {
        var copied = touched.Sum(item => item.File.LiveRecords - item.Changed);
        var kept = touched.Where(item => item.Deleted != item.File.LiveRecords).ToList();
        List<string> queries = [];
        if (kept.Count > 0)
        {
            var updates = changes.Where(change => !change.IsDelete).ToList();
            if (updates.All(IsFromSource))
            {
                // Rows that stay pass through untouched; only the changed ones are put together anew.
                queries.Add($"SELECT {Columns(Own)}{RowIds($"t.{PreparedScan.RowVersionColumn}")} FROM {await marks.JoinAsync(kept, "ANTI", cancellationToken)}");
                if (await UpdatedAsync(marks, touched, cancellationToken) is { } updated)
                    queries.Add(updated);
            }
            else
            {
                var deletes = string.Join(", ", changes.Where(change => change.IsDelete).Select(change => change.Number).DefaultIfEmpty(-1));
                queries.Add($"SELECT {Columns(field => After(field, hasTable: true))}{RowIds($"CASE WHEN {MarkedRows.Action} IS NULL THEN t.{PreparedScan.RowVersionColumn} END")} FROM {await marks.JoinAsync(kept, "LEFT", cancellationToken)} WHERE coalesce({MarkedRows.Action}, 0) NOT IN ({deletes})");
            }
        }

        if (InsertsWithIds is { } inserts)
            queries.Add(inserts);
        var query = queries.Count == 0 ? null : RowChecks.Apply(_target, string.Join(" UNION ALL ", queries));
        var added = await data.WriteAsync(_target, query, operation.TargetFileBytes, [.. reused.Values], LayoutOf(kept, reused), operation.RowTracking, cancellationToken);
        return new ChangeOutcome(added, [.. touched.Select(item => item.File)], added.Sum(file => file.NumRecords) - copied, copied);
    }

    /// <summary>Where files are rewritten in part and their rows are few, these go into one row group that can join one of the files.</summary>
    private FileLayout? LayoutOf(IReadOnlyList<TouchedFile> kept, IReadOnlyDictionary<int, ReusedFile> reused) =>
        kept.Count > 0 && kept.All(item => reused.ContainsKey(item.Number)) && (Inserts is null ? 0 : InsertedRows) is { } inserted
            ? FileLayout.OfFew(reused.Values.Sum(file => file.RewrittenRows) + inserted)
            : null;

    /// <summary>The rows that updated rows become; null where nothing is updated.</summary>
    private async Task<string?> UpdatedAsync(MarkedRows marks, IReadOnlyList<TouchedFile> touched, CancellationToken cancellationToken)
    {
        var updates = changes.Where(change => !change.IsDelete).ToList();
        if (updates.Count == 0 || touched.All(item => item.Deleted == item.Changed))
            return null;
        // Where the source alone makes the new row, the table need not be read again, unless for the row's id.
        var sourceOnly = updates.All(IsFromSource);
        var from = sourceOnly && operation.RowTracking is null ? marks.Changes : await marks.JoinAsync(touched, "INNER", cancellationToken);
        return $"SELECT {Columns(field => After(field, hasTable: !sourceOnly))}{RowIds("NULL::BIGINT")} FROM {from} WHERE {MarkedRows.Action} IN ({string.Join(", ", updates.Select(change => change.Number))})";
    }

    private async Task<string> ChangeQueryAsync(MarkedRows marks, IReadOnlyList<TouchedFile> touched, CancellationToken cancellationToken)
    {
        var from = await marks.JoinAsync(touched, "INNER", cancellationToken);
        List<string> queries = [];
        var deletes = string.Join(", ", changes.Where(change => change.IsDelete).Select(change => change.Number).DefaultIfEmpty(-1));
        var before = $"SELECT {Columns(Own)}, CASE WHEN {MarkedRows.Action} IN ({deletes}) THEN 'delete' ELSE 'update_preimage' END AS {ChangeColumns.ChangeType} FROM {from}";
        queries.Add(before);
        if (changes.Any(change => !change.IsDelete))
            queries.Add($"SELECT {Columns(field => After(field, hasTable: true))}, 'update_postimage' AS {ChangeColumns.ChangeType} FROM {from} WHERE {MarkedRows.Action} NOT IN ({deletes})");
        if (Inserts is not null)
            queries.Add($"SELECT *, 'insert' AS {ChangeColumns.ChangeType} FROM ({Inserts})");
        return string.Join(" UNION ALL ", queries);
    }

    private string Columns(Func<SchemaField, string> value) => string.Join(", ", _target.Schema.Fields.Select(field => $"{value(field)} AS {SqlText.Identifier(field.Name)}"));

    /// <summary>New rows have no ids but those the log gives their file.</summary>
    private string? InsertsWithIds => Inserts is null || operation.RowTracking is null
        ? Inserts
        : $"SELECT *, NULL::BIGINT AS {PreparedScan.RowIdColumn}, NULL::BIGINT AS {PreparedScan.RowVersionColumn} FROM ({Inserts})";

    /// <summary>Select items of what rows keep: the id always, the version while they are not changed.</summary>
    private string RowIds(string version) => operation.RowTracking is null
        ? ""
        : $", t.{PreparedScan.RowIdColumn} AS {PreparedScan.RowIdColumn}, {version} AS {PreparedScan.RowVersionColumn}";

    /// <summary>What a column is after the change. Without a row of the table at hand every update sets every column.</summary>
    private string After(SchemaField field, bool hasTable)
    {
        var own = Own(field);
        var branches = changes.Where(change => !change.IsDelete)
            .Select(change => (change.Number, Set: change.Set!.FirstOrDefault(item => item.Column.Name == field.Name))).Where(item => item.Set is not null)
            .Select(item => $"WHEN {item.Number} THEN {sql.Value(item.Set!)}").ToList();
        return branches.Count == 0 ? own : $"CASE {MarkedRows.Action} {string.Join(' ', branches)}{(hasTable ? $" ELSE {own}" : "")} END";
    }

    private static string Own(SchemaField field) => $"t.{SqlText.Identifier(field.Name)}";

    private bool IsFromSource(RowChange change) =>
        change.Set!.Count == _target.Schema.Fields.Count && change.Set.All(item => item.Value is null || item.Value.References().All(sql.IsSource));
}

/// <summary>What a change has written.</summary>
/// <param name="New">Rows updated or inserted.</param>
/// <param name="Copied">Rows that stand as they were in new files.</param>
internal sealed record ChangeOutcome(IReadOnlyList<AddFile> Added, IReadOnlyList<AddFile> Removed, long New, long Copied)
{
    public IReadOnlyList<CdcFile> Changes { get; init; } = [];

    public IReadOnlyList<TouchedFile> Touched { get; init; } = [];

    /// <summary>Files that were looked into.</summary>
    public IReadOnlyList<AddFile> Read { get; init; } = [];
}
