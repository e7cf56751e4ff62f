using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Plans MERGE: finds columns, checks types, fills <c>*</c> in.</summary>
internal sealed class MergePlanner(DeltaTable table, DeltaTableOptions options, RowPlanner planner, MergeRequest request)
{
    public async Task<OperationPlan?> PlanAsync(Snapshot? snapshot, ITableWork work, CancellationToken cancellationToken)
    {
        snapshot ??= await table.RequireSnapshotAsync((long?)null, cancellationToken);
        Check();
        var transaction = planner.Begin(snapshot, removesRows: request.Clauses.Any(clause => clause.Action != MergeAction.NotMatchedInsert));
        var target = snapshot;
        if (request.EvolveSchema && request.Clauses.Any(IsStar))
        {
            target = snapshot.WithSchema(SchemaPlan.Evolve(table.Path, options, snapshot, work.SourceSchema), snapshot.PartitionColumns);
            if (!ReferenceEquals(target.Schema, snapshot.Schema))
                transaction.SetSchema(target.Schema);
        }

        var source = work.SourceSchema;
        var both = ExpressionScope.Of([(request.TargetAlias, target.Schema), (request.SourceAlias, source)]);
        var on = planner.Predicate(request.On, both);
        IReadOnlyList<MergeRule> rules = [.. request.Clauses.Select(clause => Resolve(clause, target, source, both))];
        var operation = planner.Configure(new MergeRows(target, request.TargetAlias, request.SourceAlias, on, rules), snapshot);
        var changes = await work.RunAsync(operation, cancellationToken);
        if (changes.IsEmpty && ReferenceEquals(target.Schema, snapshot.Schema))
            return null;
        RowPlanner.Advance(transaction, rules.Where(rule => rule.Action == MergeAction.NotMatchedInsert).SelectMany(rule => rule.Set), changes);
        RowPlanner.Record(transaction, changes);
        return new OperationPlan(transaction, "MERGE", ParametersOf(on), changes.Metrics);
    }

    private void Check()
    {
        if (request.Clauses.Count == 0)
            throw new DeltaException(table.Path, "a merge has no clause; expected at least one, such as WhenMatchedUpdateAll().");
        if (string.Equals(request.TargetAlias, request.SourceAlias, StringComparison.OrdinalIgnoreCase))
            throw new DeltaException(table.Path, $"table and source of a merge are both called '{request.SourceAlias}'; expected two names.");
        foreach (var kind in request.Clauses.GroupBy(clause => KindOf(clause.Action)))
        {
            if (kind.SkipLast(1).FirstOrDefault(clause => clause.Condition is null) is { } early)
                throw new DeltaException(table.Path, $"a merge has a clause after {early.Action} without a condition, which takes every row; expected a condition on all but the last clause for {kind.Key} rows.");
        }
    }

    private MergeRule Resolve(MergeClause clause, Snapshot target, StructType source, ExpressionScope both)
    {
        var schema = target.Schema;
        var scope = clause.Action switch
        {
            MergeAction.NotMatchedInsert => ExpressionScope.Of([(request.SourceAlias, source)]),
            MergeAction.NotMatchedBySourceDelete or MergeAction.NotMatchedBySourceUpdate => ExpressionScope.Of([(request.TargetAlias, schema)]),
            _ => both,
        };
        var condition = clause.Condition is null ? null : planner.Predicate(clause.Condition, scope);
        return new MergeRule(clause.Action, condition, clause.Action switch
        {
            MergeAction.MatchedDelete or MergeAction.NotMatchedBySourceDelete => [],
            MergeAction.MatchedUpdate when clause.Set is null => planner.Update(target, [.. planner.AssignAll(schema, source, request.SourceAlias).Where(item => item.Value is not null)], request.TargetAlias),
            MergeAction.NotMatchedInsert when clause.Set is null => planner.Insert(target, planner.AssignAll(schema, source, request.SourceAlias)),
            MergeAction.NotMatchedInsert => planner.Insert(target, Complete(schema, planner.AssignNew(schema, clause.Set, scope, request.TargetAlias))),
            _ when clause.Set is null => throw new DeltaException(table.Path, $"clause {clause.Action} sets all columns from the source, where there is no source row; expected the columns to set."),
            _ => planner.Update(target, planner.AssignSet(schema, clause.Set, scope, request.TargetAlias), request.TargetAlias),
        });
    }

    private static IReadOnlyList<Assignment> Complete(StructType schema, IReadOnlyList<Assignment> set) =>
        [.. schema.Fields.Select(field => set.FirstOrDefault(item => item.Column == field) ?? new Assignment(field, null))];

    private Dictionary<string, string> ParametersOf(DeltaExpression on) => new()
    {
        ["predicate"] = Parameters.Predicate(on),
        ["matchedPredicates"] = Parameters.Clauses(request.Clauses.Where(clause => KindOf(clause.Action) == "matched")),
        ["notMatchedPredicates"] = Parameters.Clauses(request.Clauses.Where(clause => KindOf(clause.Action) == "not matched")),
        ["notMatchedBySourcePredicates"] = Parameters.Clauses(request.Clauses.Where(clause => KindOf(clause.Action) == "not matched by source")),
    };

    private static string KindOf(MergeAction action) => action switch
    {
        MergeAction.MatchedUpdate or MergeAction.MatchedDelete => "matched",
        MergeAction.NotMatchedInsert => "not matched",
        _ => "not matched by source",
    };

    private static bool IsStar(MergeClause clause) => clause.Set is null && clause.Action is MergeAction.MatchedUpdate or MergeAction.NotMatchedInsert;
}
