using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Plans appends and overwrites.</summary>
internal sealed class WritePlanner(DeltaTable table, DeltaTableOptions options, RowPlanner planner, WriteRequest request)
{
    public async Task<OperationPlan?> PlanAsync(Snapshot? snapshot, ITableWork work, CancellationToken cancellationToken)
    {
        Check();
        var target = Target(snapshot, work.SourceSchema);
        var transaction = snapshot is null ? table.BeginTransaction(null) : planner.Begin(snapshot, removesRows: request.Mode != WriteMode.Append && snapshot.Files.Count > 0);
        SetMetadata(transaction, snapshot, target);
        CheckColumns(target.Schema, work.SourceSchema);
        var replaced = request.Mode == WriteMode.ReplaceWhere ? planner.Predicate(request.ReplaceWhere!, ExpressionScope.Of(target.Schema)) : null;
        var insert = new InsertRows(target, planner.Insert(target, planner.AssignAll(target.Schema, work.SourceSchema, RowPlanner.SourceName))) { Required = replaced, Replaced = snapshot is null ? null : replaced };
        var changes = await work.RunAsync(planner.Configure(insert, target), cancellationToken);
        changes = request.Mode switch
        {
            WriteMode.Overwrite when snapshot is not null => changes with { Removed = snapshot.Files, Read = snapshot.Files, MayMatch = null, ReadsNothing = false },
            WriteMode.OverwritePartitions when snapshot is not null => OverwritePartitions(snapshot, changes),
            _ => changes,
        };
        if (snapshot is not null && changes.IsEmpty && ReferenceEquals(target.Schema, snapshot.Schema))
            return null;
        RowPlanner.Advance(transaction, insert.Columns, changes);
        RowPlanner.Record(transaction, changes);
        return new OperationPlan(transaction, "WRITE", ParametersOf(target, replaced), changes.Metrics);
    }

    private void Check()
    {
        if (request.Mode == WriteMode.ReplaceWhere != (request.ReplaceWhere is not null))
            throw new DeltaException(table.Path, $"mode {request.Mode} was asked for {(request.ReplaceWhere is null ? "without" : "with")} a predicate; expected ReplaceWhere with one, other modes without.");
        if (request.Schema == SchemaMode.Overwrite && request.Mode != WriteMode.Overwrite)
            throw new DeltaException(table.Path, $"the schema was to be overwritten with mode {request.Mode}; expected mode Overwrite, which replaces all rows.");
    }

    /// <summary>The snapshot with the schema that the commit will give it; for a table to be created an empty one.</summary>
    private Snapshot Target(Snapshot? snapshot, StructType rows)
    {
        if (snapshot is null)
        {
            var schema = SchemaPlan.Create(options, request.Properties, rows);
            return Snapshot.ToCreate(table.Path, options.Store, schema, SchemaRules.Spelled(schema, request.PartitionBy), request.Properties);
        }

        return request.Schema switch
        {
            SchemaMode.Merge => snapshot.WithSchema(SchemaPlan.Evolve(table.Path, options, snapshot, rows), snapshot.PartitionColumns),
            SchemaMode.Overwrite => snapshot.WithSchema(SchemaPlan.Replace(options, snapshot, rows), request.PartitionBy.Count > 0 ? SchemaRules.Spelled(rows, request.PartitionBy) : snapshot.PartitionColumns),
            _ => snapshot,
        };
    }

    private void SetMetadata(DeltaTransaction transaction, Snapshot? snapshot, Snapshot target)
    {
        if (snapshot is null)
            transaction.SetMetadata(target.Schema, target.PartitionColumns, request.Name).SetProperties(request.Properties);
        else if (request.Schema == SchemaMode.Overwrite)
            transaction.SetMetadata(target.Schema, target.PartitionColumns, null);
        else if (!ReferenceEquals(target.Schema, snapshot.Schema))
            transaction.SetSchema(target.Schema);
    }

    private void CheckColumns(StructType schema, StructType rows)
    {
        var unknown = rows.Fields.Where(field => schema.Find(field.Name) is null).Select(field => $"'{field.Name}'").ToList();
        if (unknown.Count > 0)
            throw new DeltaException(table.Path, $"the rows have column {string.Join(", ", unknown)}, which the table has not; expected {string.Join(", ", schema.Fields.Select(field => field.Name))}; leave it out, or write with SchemaMode.Merge.");
    }

    private static FileChanges OverwritePartitions(Snapshot snapshot, FileChanges changes)
    {
        if (snapshot.PartitionColumns.Count == 0)
            return changes with { Removed = snapshot.Files, Read = snapshot.Files, MayMatch = null, ReadsNothing = false };
        var keys = new PartitionKeys(snapshot);
        var written = changes.Added.Select(keys.Of).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<AddFile> removed = [.. snapshot.Files.Where(IsReplaced)];
        return changes with { Removed = removed, Read = removed, MayMatch = IsReplaced, ReadsNothing = false };

        bool IsReplaced(AddFile file) => written.Contains(keys.Of(file));
    }

    private Dictionary<string, string> ParametersOf(Snapshot target, DeltaExpression? replaced)
    {
        var result = new Dictionary<string, string>
        {
            ["mode"] = request.Mode == WriteMode.Append ? "Append" : "Overwrite",
            ["partitionBy"] = Parameters.List(target.PartitionColumns),
        };
        if (replaced is not null)
            result["predicate"] = replaced.ToString();
        if (request.Mode == WriteMode.OverwritePartitions)
            result["isDynamicPartitionOverwrite"] = "true";
        return result;
    }
}
