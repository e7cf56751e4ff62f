using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>What planners of operations share: early refusals, expressions, settings of the table, and the transaction of what an engine wrote.</summary>
internal sealed class RowPlanner(DeltaTable table, TimeProvider time)
{
    public const string SourceName = "source";

    /// <summary>Throws before any work where the table may not be written, or takes only appends.</summary>
    public DeltaTransaction Begin(Snapshot snapshot, bool removesRows)
    {
        var transaction = table.BeginTransaction(snapshot);
        if (removesRows && Features.IsAppendOnly(snapshot))
            throw new DeltaException(table.Path, "rows may not be changed: the table has delta.appendOnly=true; expected only appends; unset the property first.");
        return transaction;
    }

    public T Configure<T>(T operation, Snapshot snapshot)
        where T : RowOperation => operation with
        {
            DeletionVectors = TableProperties.IsTrue(snapshot.Configuration, TableProperties.DeletionVectors),
            ChangeData = TableProperties.IsTrue(snapshot.Configuration, TableProperties.ChangeDataFeed),
            TargetFileBytes = FileSizes.TargetOf(table.Path, snapshot.Configuration),
            RowTracking = snapshot.RowTracking,
        };

    /// <summary>A predicate over the table's columns.</summary>
    public DeltaExpression? Predicate(string? text, StructType schema) => text is null ? null : Predicate(text, ExpressionScope.Of(schema));

    public DeltaExpression Predicate(string text, ExpressionScope scope) => DeltaExpression.Parse(text).ResolvePredicate(scope, time.GetUtcNow());

    /// <summary>New values of columns, or of fields inside them, for rows of the table; the types must fit.</summary>
    /// <param name="relation">The table's name in the expressions.</param>
    public IReadOnlyList<Assignment> AssignSet(StructType schema, IReadOnlyDictionary<string, string> set, ExpressionScope scope, string relation)
    {
        var result = new NestedSet(table.Path, schema, relation);
        foreach (var (column, text) in set)
            result.Add(column, DeltaExpression.Parse(text).Resolve(scope, time.GetUtcNow()));
        return result.ToAssignments();
    }

    /// <summary>Values for columns of a new row.</summary>
    public IReadOnlyList<Assignment> AssignNew(StructType schema, IReadOnlyDictionary<string, string> set, ExpressionScope scope, string relation)
    {
        var result = AssignSet(schema, set, scope, relation);
        return result.FirstOrDefault(item => item.Value is StructUpdate) is { } nested
            ? throw new DeltaException(table.Path, $"an insert sets fields inside column '{nested.Column.Name}', which a new row has not; expected the column as a whole.")
            : result;
    }

    /// <summary>One assignment for each column of the table: the rows' column of the same name, or null.</summary>
    public IReadOnlyList<Assignment> AssignAll(StructType schema, StructType source, string relation) =>
        [.. schema.Fields.Select(field => new Assignment(field, FromSource(field, source, relation)))];

    /// <summary>Values for a new row: columns that are not given get their default or generated value.</summary>
    public IReadOnlyList<Assignment> Insert(Snapshot target, IReadOnlyList<Assignment> given) => ValuesOf(target).OfInsert(given);

    /// <summary>Values for a changed row: columns generated from others change with them.</summary>
    public IReadOnlyList<Assignment> Update(Snapshot target, IReadOnlyList<Assignment> set, string relation) => ValuesOf(target).OfUpdate(target.Schema, set, relation);

    private ColumnValues ValuesOf(Snapshot target) => new(table.Path, WriteRules.For(target, time.GetUtcNow()));

    public DeltaExpression? FromSource(SchemaField field, StructType source, string relation)
    {
        if (source.Find(field.Name) is not { } found)
            return null;
        StoreAssignment.Check(table.Path, field.Name, found.Type, field.Type);
        return new ColumnReference([found.Name]) { Relation = relation, Path = [found], Type = found.Type };
    }

    /// <summary>Advances identity columns by the numbers that an engine has given.</summary>
    public static void Advance(DeltaTransaction transaction, IEnumerable<Assignment> inserted, FileChanges changes)
    {
        foreach (var item in inserted.Where(item => item.Numbers is not null && changes.NumberedRows > 0).DistinctBy(item => item.Column.Name))
            transaction.AdvanceIdentity(item.Column.PhysicalName, new IdentityRange(item.Numbers!.First, item.Numbers.At(changes.NumberedRows - 1)));
    }

    /// <summary>Puts what an engine wrote into a transaction, with what it read.</summary>
    public static void Record(DeltaTransaction transaction, FileChanges changes, bool dataChange = true)
    {
        foreach (var file in changes.Removed)
            transaction.Remove(file, dataChange);
        foreach (var file in changes.Added)
            transaction.Add(file with { DataChange = dataChange });
        foreach (var file in changes.Changes)
            transaction.AddChanges(file);
        if (changes.KeepsRowIds)
            transaction.KeepsRowIds();
        if (changes.ReadsNothing)
            return;
        transaction.DependsOnFiles(changes.Read);
        if (changes.MayMatch is { } mayMatch)
            transaction.DependsOnFilesWhere(mayMatch);
        else
            transaction.DependsOnSnapshot();
    }
}
