namespace RealTimeMesh.DeltaLake;

/// <summary>Puts a merge together clause by clause; nothing happens before <see cref="RunAsync"/>. Each call gives a new builder.</summary>
public sealed class MergeBuilder
{
    private readonly DeltaTable _table;

    internal MergeBuilder(DeltaTable table, MergeRequest request) => (_table, Request) = (table, request);

    /// <summary>The merge as it stands.</summary>
    public MergeRequest Request { get; }

    /// <summary>What expressions call table and source. Default <c>target</c> and <c>source</c>.</summary>
    public MergeBuilder As(string target, string source) => new(_table, Request with { TargetAlias = target, SourceAlias = source });

    /// <summary>Sets columns of rows that have a match: column to expression.</summary>
    public MergeBuilder WhenMatchedUpdate(IReadOnlyDictionary<string, string> set, string? condition = null) => With(new(MergeAction.MatchedUpdate, condition, set));

    /// <summary>Sets every column of rows that have a match to the source's column of the same name.</summary>
    public MergeBuilder WhenMatchedUpdateAll(string? condition = null) => With(new(MergeAction.MatchedUpdate, condition));

    /// <summary>Deletes rows that have a match.</summary>
    public MergeBuilder WhenMatchedDelete(string? condition = null) => With(new(MergeAction.MatchedDelete, condition));

    /// <summary>Inserts source rows without a match: column to expression over the source; other columns are null.</summary>
    public MergeBuilder WhenNotMatchedInsert(IReadOnlyDictionary<string, string> values, string? condition = null) => With(new(MergeAction.NotMatchedInsert, condition, values));

    /// <summary>Inserts source rows without a match with all their columns.</summary>
    public MergeBuilder WhenNotMatchedInsertAll(string? condition = null) => With(new(MergeAction.NotMatchedInsert, condition));

    /// <summary>Sets columns of rows that no source row matches.</summary>
    public MergeBuilder WhenNotMatchedBySourceUpdate(IReadOnlyDictionary<string, string> set, string? condition = null) => With(new(MergeAction.NotMatchedBySourceUpdate, condition, set));

    /// <summary>Deletes rows that no source row matches.</summary>
    public MergeBuilder WhenNotMatchedBySourceDelete(string? condition = null) => With(new(MergeAction.NotMatchedBySourceDelete, condition));

    /// <summary>Lets columns that the source has more become columns of the table.</summary>
    public MergeBuilder WithSchemaEvolution() => new(_table, Request with { EvolveSchema = true });

    /// <summary>Runs the merge as one commit; again on the newest version where a concurrent commit stands against it.</summary>
    public Task<OperationResult> RunAsync(CancellationToken cancellationToken) => _table.MergeAsync(Request, cancellationToken);

    private MergeBuilder With(MergeClause clause) => new(_table, Request with { Clauses = [.. Request.Clauses, clause] });
}
