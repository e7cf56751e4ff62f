namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Joins source rows to the table's and changes the table by clauses; the first clause whose condition is true decides for a row.
/// A row of the table that two source rows would change is an error. Nulls never match.
/// </summary>
/// <param name="On">When a source row is that of a table row, in Spark SQL, such as <c>target.id = source.id</c>.</param>
public sealed record MergeRequest(RowSource Source, string On) : TableRequest
{
    /// <summary>The clauses; those of one kind are tried in their order.</summary>
    public IReadOnlyList<MergeClause> Clauses { get; init; } = [];

    /// <summary>What expressions call the table. Default <c>target</c>.</summary>
    public string TargetAlias { get; init; } = "target";

    /// <summary>What expressions call the source. Default <c>source</c>.</summary>
    public string SourceAlias { get; init; } = "source";

    /// <summary>Adds columns that the source has more, where a clause takes all columns (<c>*</c>). Default false: they are left out of <c>*</c>, as in Spark.</summary>
    public bool EvolveSchema { get; init; }
}

/// <summary>What becomes of rows of one kind.</summary>
/// <param name="Condition">In Spark SQL; null for always.</param>
/// <param name="Set">Column to its value, in Spark SQL; null for all columns by name from the source (<c>*</c>). Unused for deletes.</param>
public sealed record MergeClause(MergeAction Action, string? Condition = null, IReadOnlyDictionary<string, string>? Set = null);

/// <summary>Kinds of merge clauses.</summary>
public enum MergeAction
{
    /// <summary><c>WHEN MATCHED THEN UPDATE</c>.</summary>
    MatchedUpdate,

    /// <summary><c>WHEN MATCHED THEN DELETE</c>.</summary>
    MatchedDelete,

    /// <summary><c>WHEN NOT MATCHED THEN INSERT</c>.</summary>
    NotMatchedInsert,

    /// <summary><c>WHEN NOT MATCHED BY SOURCE THEN UPDATE</c>.</summary>
    NotMatchedBySourceUpdate,

    /// <summary><c>WHEN NOT MATCHED BY SOURCE THEN DELETE</c>.</summary>
    NotMatchedBySourceDelete,
}
