using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Plans DELETE and UPDATE.</summary>
internal static class ChangePlanner
{
    public static async Task<OperationPlan?> DeleteAsync(DeltaTable table, RowPlanner planner, DeleteRequest request, Snapshot? snapshot, ITableWork work, CancellationToken cancellationToken)
    {
        snapshot ??= await table.RequireSnapshotAsync((long?)null, cancellationToken);
        var transaction = planner.Begin(snapshot, removesRows: true);
        var where = planner.Predicate(request.Where, snapshot.Schema);
        var changes = await work.RunAsync(planner.Configure(new DeleteRows(snapshot, where), snapshot), cancellationToken);
        return Finish(transaction, "DELETE", where, changes);
    }

    public static async Task<OperationPlan?> UpdateAsync(DeltaTable table, RowPlanner planner, UpdateRequest request, Snapshot? snapshot, ITableWork work, CancellationToken cancellationToken)
    {
        snapshot ??= await table.RequireSnapshotAsync((long?)null, cancellationToken);
        if (request.Set.Count == 0)
            throw new DeltaException(table.Path, "an update sets no column; expected at least one.");
        var transaction = planner.Begin(snapshot, removesRows: true);
        var where = planner.Predicate(request.Where, snapshot.Schema);
        var scope = ExpressionScope.Of(snapshot.Schema);
        var set = planner.Update(snapshot, planner.AssignSet(snapshot.Schema, request.Set, scope, ""), "");
        var changes = await work.RunAsync(planner.Configure(new UpdateRows(snapshot, set, where), snapshot), cancellationToken);
        return Finish(transaction, "UPDATE", where, changes);
    }

    private static OperationPlan? Finish(DeltaTransaction transaction, string operation, DeltaExpression? where, FileChanges changes)
    {
        if (changes.IsEmpty)
            return null;
        RowPlanner.Record(transaction, changes);
        return new OperationPlan(transaction, operation, new Dictionary<string, string> { ["predicate"] = Parameters.Predicate(where) }, changes.Metrics);
    }
}
