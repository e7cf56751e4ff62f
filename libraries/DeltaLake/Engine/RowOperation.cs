using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>What an engine is to do to the rows of a snapshot, with every name found and every type known.</summary>
/// <param name="Target">The snapshot, with the schema that the commit will give the table.</param>
public abstract record RowOperation(Snapshot Target)
{
    /// <summary>Marks changed rows by deletion vectors; false rewrites their files.</summary>
    public bool DeletionVectors { get; init; }

    /// <summary>Writes the changed rows to change files too.</summary>
    public bool ChangeData { get; init; }

    /// <summary>
    /// Where rows that move to other files keep their row id and, unless they are changed, their row commit version; null where they need
    /// not. New rows have null in both.
    /// </summary>
    public RowTrackingColumns? RowTracking { get; init; }

    /// <summary>Bytes at which the next data file is begun; null for the engine's own.</summary>
    public long? TargetFileBytes { get; init; }
}

/// <summary>A column and what it becomes; where the value is null, so becomes the column.</summary>
public sealed record Assignment(SchemaField Column, DeltaExpression? Value)
{
    /// <summary>In place of a value: each new row gets one of these numbers. The engine tells how many it gave (<see cref="FileChanges.NumberedRows"/>).</summary>
    public IdentityNumbers? Numbers { get; init; }
}

/// <summary>Writes the source's rows: one assignment for each column of the table.</summary>
/// <param name="Columns">The source is the relation <c>source</c> of the expressions.</param>
public sealed record InsertRows(Snapshot Target, IReadOnlyList<Assignment> Columns) : RowOperation(Target)
{
    /// <summary>What must be true for every new row, or null.</summary>
    public DeltaExpression? Required { get; init; }

    /// <summary>Rows to delete in the same attempt, or null for none.</summary>
    public DeltaExpression? Replaced { get; init; }
}

/// <summary>Deletes rows.</summary>
/// <param name="Where">Over the table's columns; null for all rows.</param>
public sealed record DeleteRows(Snapshot Target, DeltaExpression? Where) : RowOperation(Target);

/// <summary>Changes rows.</summary>
/// <param name="Where">Over the table's columns; null for all rows.</param>
public sealed record UpdateRows(Snapshot Target, IReadOnlyList<Assignment> Set, DeltaExpression? Where) : RowOperation(Target);

/// <summary>Merges the source's rows.</summary>
/// <param name="TargetAlias">The table's relation in the expressions.</param>
/// <param name="SourceAlias">The source's.</param>
/// <param name="On">When two rows match.</param>
public sealed record MergeRows(Snapshot Target, string TargetAlias, string SourceAlias, DeltaExpression On, IReadOnlyList<MergeRule> Rules) : RowOperation(Target);

/// <summary>A merge clause with its expressions resolved. An update leaves columns alone that it does not set; an insert sets every column.</summary>
public sealed record MergeRule(MergeAction Action, DeltaExpression? Condition, IReadOnlyList<Assignment> Set);

/// <summary>Writes the rows of files anew, each group into as few files as the target size asks for.</summary>
public sealed record CompactRows(Snapshot Target, IReadOnlyList<IReadOnlyList<AddFile>> Groups, IReadOnlyList<ColumnReference> ZOrderBy) : RowOperation(Target);
