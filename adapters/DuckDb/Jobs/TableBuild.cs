using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Expressions;
using RealTimeMesh.DuckDb.Tables;
using RealTimeMesh.DuckDb.Writes;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>One attempt to bring one table up to one version of its driving table, in one session.</summary>
internal sealed class TableBuild(DuckDbSession session, DuckDbOptions options, TableDefinition table, TableDefinition driver, BuildInputs inputs)
{
    private const string New = "temp.mesh_new";
    private const string Keys = "temp.mesh_keys";

    private readonly string _title = $"{table.Pipeline}.{table.Name}";
    private readonly string _sql = Query(table);

    /// <summary>The version the build made, with rows read and written; null where another writer committed first.</summary>
    public async Task<(long Version, long Read, long Written)?> RunAsync(CancellationToken cancellationToken)
    {
        await RegisterDriverAsync(inputs.Source, null, cancellationToken);
        var schema = await ResultSchemaAsync(cancellationToken);
        var fingerprint = SqlFingerprint.Of(Fingerprinted(table));
        var target = inputs.Target;
        var whole = target is null || table.Merge.Count == 0 || inputs.BuiltVersion < 0
            || !SameSchema(target.RowSchema, schema)
            || !target.PartitionColumns.SequenceEqual(table.PartitionBy)
            || target.Transactions.GetValueOrDefault(SqlAppId, -1) != fingerprint;

        var changes = whole ? null : await inputs.ChangesAsync(cancellationToken);
        var read = changes is null ? inputs.Source.RowCount : changes.Added.Sum(file => Math.Max(0, file.NumRecords));
        IReadOnlyList<AddFile> replaced;
        if (changes is null)
        {
            await CreateAsync(New, Typed(schema, _sql), cancellationToken);
            replaced = target?.Files ?? [];
        }
        else
        {
            await SelectChangesAsync(schema, changes, cancellationToken);
            replaced = await TouchedFilesAsync(target!, cancellationToken);
        }

        await RequireUniqueKeysAsync(cancellationToken);
        // Only now: a key whose newest row says so must lose its old row too.
        if (table.Delete is not null)
            await RemoveAsync(table.Delete, cancellationToken);
        var written = await session.CountAsync($"SELECT count(*) FROM {New}", cancellationToken);
        var columns = SqlText.Identifiers(schema.Fields.Select(field => field.Name));
        var output = $"SELECT {columns} FROM {New}";
        if (changes is not null && replaced.Count > 0)
        {
            var kept = await session.PrepareScanAsync(inputs.TargetTable.Path, target!, replaced, cancellationToken);
            output += $" UNION ALL SELECT {columns} FROM ({kept.Sql}) t WHERE NOT {KeyMatch("t")}";
        }

        // Rules that the table has hold for every row.
        if (target is not null)
            output = RuleSql.Guarded(output, inputs.TargetTable.RulesOf(target, schema).Checks);
        using var data = new DataFiles(session, options);
        try
        {
            var added = written == 0 && (changes is null || replaced.Count == 0)
                ? []
                : await data.WriteAsync(inputs.TargetTable.DraftOf(target, schema, table.PartitionBy), output, null, cancellationToken);
            var transaction = inputs.TargetTable.BeginTransaction(target);
            if (target is null || !SameSchema(target.RowSchema, schema) || !target.PartitionColumns.SequenceEqual(table.PartitionBy))
                transaction.SetMetadata(schema, table.PartitionBy, table.Name);
            foreach (var file in replaced)
                transaction.Remove(file);
            foreach (var file in added)
                transaction.Add(file);
            transaction.SetTransaction(AppId, inputs.Source.Version).SetTransaction(SqlAppId, fingerprint);
            var parameters = new Dictionary<string, string> { ["source"] = driver.Name, ["mode"] = changes is null ? "full" : "incremental" };
            var result = await transaction.CommitAsync(changes is null ? "WRITE" : "MERGE", parameters, cancellationToken);
            if (result is CommitResult.Committed committed)
                return (committed.Version, read, written);
            await data.DiscardAsync(CancellationToken.None);
            return null;
        }
        catch
        {
            await data.DiscardAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Application id under which the built source version is recorded.</summary>
    public static string AppIdOf(TableDefinition table) => $"build/{table.Pipeline}.{table.Name}";

    /// <summary>Whether a target lacks a version of its source, or was built by another query.</summary>
    public static bool IsBehind(TableDefinition table, Snapshot? target, long sourceVersion) =>
        target is null
        || target.Transactions.GetValueOrDefault(AppIdOf(table), -1) != sourceVersion
        || target.Transactions.GetValueOrDefault($"{AppIdOf(table)}/sql", -1) != SqlFingerprint.Of(Fingerprinted(table));

    private static string Query(TableDefinition table) => table.Sql!.Trim().TrimEnd(';');

    private static string Fingerprinted(TableDefinition table) => table.Delete is null ? Query(table) : $"{Query(table)}\n-- delete: {table.Delete}";

    private string AppId => AppIdOf(table);

    // A changed query makes the rows built before wrong: its fingerprint is recorded beside the version.
    private string SqlAppId => $"{AppId}/sql";

    private async Task SelectChangesAsync(RowSchema schema, SourceChanges changes, CancellationToken cancellationToken)
    {
        var keys = SqlText.Identifiers(table.Merge);
        var rowWise = changes.Removed.Count == 0 && await QueryShape.IsRowWiseAsync(session, _sql, driver.Name, cancellationToken);
        await RegisterDriverAsync(inputs.Source, changes.Added, cancellationToken);
        if (rowWise)
        {
            await CreateAsync(New, Typed(schema, _sql), cancellationToken);
            await CreateAsync(Keys, $"SELECT DISTINCT {keys} FROM {New}", cancellationToken);
            return;
        }

        await CreateAsync(Keys, $"SELECT DISTINCT {keys} FROM ({Typed(schema, _sql)})", cancellationToken);
        if (changes.Removed.Count > 0)
        {
            await RegisterDriverAsync(changes.Before, changes.Removed, cancellationToken);
            await session.ExecuteAsync($"INSERT INTO {Keys} SELECT DISTINCT {keys} FROM ({Typed(schema, _sql)}) t WHERE NOT {KeyMatch("t")}", cancellationToken);
        }

        await RegisterDriverAsync(inputs.Source, null, cancellationToken);
        await CreateAsync(New, $"SELECT * FROM ({Typed(schema, _sql)}) t WHERE {KeyMatch("t")}", cancellationToken);
    }

    private async Task<IReadOnlyList<AddFile>> TouchedFilesAsync(Snapshot target, CancellationToken cancellationToken)
    {
        var candidates = await KeyPruning.CandidatesAsync(session, Keys, target, table.Merge, cancellationToken);
        if (candidates.Count == 0)
            return [];
        var scan = await session.PrepareScanAsync(inputs.TargetTable.Path, target, candidates, cancellationToken, withRowNumbers: true);
        var touched = await session.RowsAsync($"SELECT DISTINCT {PreparedScan.FileColumn} FROM ({scan.Sql}) t WHERE {KeyMatch("t")}", cancellationToken);
        return [.. touched.Select(row => candidates[scan.Files[Convert.ToInt32(row[0], CultureInfo.InvariantCulture)]])];
    }

    private async Task RequireUniqueKeysAsync(CancellationToken cancellationToken)
    {
        if (table.Merge.Count == 0)
            return;
        var keys = SqlText.Identifiers(table.Merge);
        var twice = await session.RowsAsync($"SELECT {keys}, count(*) FROM {New} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1", cancellationToken);
        if (twice.Count > 0)
        {
            var key = string.Join(", ", table.Merge.Select((name, i) => $"{name} = {twice[0][i] ?? "NULL"}"));
            throw new DuckDbFaultException(
                $"table {_title}: the query gives {twice[0][^1]} rows with the key {key}; expected one row for each key of 'merge'; remove duplicates in {table.SqlFile ?? "the query"} or correct the keys.");
        }
    }

    private async Task RemoveAsync(string condition, CancellationToken cancellationToken)
    {
        try
        {
            await session.ExecuteAsync($"DELETE FROM {New} WHERE ({condition}\n)", cancellationToken);
        }
        catch (DuckDbFaultException e)
        {
            throw new DuckDbFaultException($"table {_title}: its 'delete' ({condition}) cannot be evaluated: {e.Message}; expected a condition over the query's columns; correct it in pipeline.yaml.", e);
        }
    }

    private async Task<RowSchema> ResultSchemaAsync(CancellationToken cancellationToken)
    {
        var columns = await session.DescribeAsync(_sql, cancellationToken);
        var schema = new RowSchema([.. columns.Select(column => DuckDbTypes.FieldOf(_title, column.Name, column.Type))]);
        var missing = table.Merge.Concat(table.PartitionBy).Where(name => schema.IndexOf(name) < 0).ToList();
        if (missing.Count > 0)
        {
            throw new DuckDbFaultException(
                $"table {_title}: the query gives no column '{string.Join("', '", missing)}'; expected the columns of 'merge' and 'partitionBy' among {string.Join(", ", columns.Select(column => column.Name))}; name them so in the query.");
        }

        return schema;
    }

    private Task RegisterDriverAsync(Snapshot snapshot, IReadOnlyList<AddFile>? files, CancellationToken cancellationToken) =>
        session.RegisterSnapshotAsync(driver.Name, inputs.SourceTable.Path, snapshot, files, cancellationToken);

    private Task CreateAsync(string name, string query, CancellationToken cancellationToken) =>
        session.ExecuteAsync($"CREATE OR REPLACE TEMP TABLE {name} AS {query}", cancellationToken);

    // NULL is a key like any other, as in GROUP BY.
    private string KeyMatch(string alias) =>
        $"EXISTS (SELECT 1 FROM {Keys} k WHERE {string.Join(" AND ", table.Merge.Select(key => $"k.{SqlText.Identifier(key)} IS NOT DISTINCT FROM {alias}.{SqlText.Identifier(key)}"))})";

    private static string Typed(RowSchema schema, string sql) =>
        $"SELECT {string.Join(", ", FlatRows.ToStruct(schema).Fields.Select(field => $"CAST({SqlText.Identifier(field.Name)} AS {ColumnSql.TypeOf(field.Type)}) AS {SqlText.Identifier(field.Name)}"))} FROM ({sql}\n)";

    private static bool SameSchema(RowSchema left, RowSchema right) =>
        left.Fields.Count == right.Fields.Count
        && left.Fields.Zip(right.Fields).All(pair => pair.First.Name == pair.Second.Name && pair.First.Type == pair.Second.Type
            && pair.First.Precision == pair.Second.Precision && pair.First.Scale == pair.Second.Scale);
}
