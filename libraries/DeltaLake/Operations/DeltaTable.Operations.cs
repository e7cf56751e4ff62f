namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    private OperationRunner Runner => new(this, _options, _time);

    private RowPlanner Planner => new(this, _time);

    /// <summary>Appends rows; a table that does not exist is created. Needs <see cref="DeltaTableOptions.Engine"/>, as all operations below.</summary>
    public Task<OperationResult> AppendAsync(RowSource source, CancellationToken cancellationToken) => WriteAsync(new WriteRequest(source), cancellationToken);

    /// <summary>Puts rows in the place of all rows, or of those for which <paramref name="replaceWhere"/> is true.</summary>
    public Task<OperationResult> OverwriteAsync(RowSource source, CancellationToken cancellationToken, string? replaceWhere = null) =>
        WriteAsync(new WriteRequest(source) { Mode = replaceWhere is null ? WriteMode.Overwrite : WriteMode.ReplaceWhere, ReplaceWhere = replaceWhere }, cancellationToken);

    /// <summary>Writes rows as the request says.</summary>
    public Task<OperationResult> WriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var planner = new WritePlanner(this, _options, Planner, request);
        return Runner.RunAsync(request, request.Source, "WRITE", (snapshot, work) => planner.PlanAsync(snapshot, work, cancellationToken), cancellationToken);
    }

    /// <summary>Deletes the rows for which a predicate in Spark SQL is true.</summary>
    public Task<OperationResult> DeleteAsync(string where, CancellationToken cancellationToken) => DeleteAsync(new DeleteRequest(where), cancellationToken);

    /// <summary>Deletes rows.</summary>
    public Task<OperationResult> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) =>
        Runner.RunAsync(request, null, "DELETE", (snapshot, work) => ChangePlanner.DeleteAsync(this, Planner, request, snapshot, work, cancellationToken), cancellationToken);

    /// <summary>Sets columns of the rows for which a predicate in Spark SQL is true: column to expression.</summary>
    public Task<OperationResult> UpdateAsync(string where, IReadOnlyDictionary<string, string> set, CancellationToken cancellationToken) => UpdateAsync(new UpdateRequest(set, where), cancellationToken);

    /// <summary>Changes rows.</summary>
    public Task<OperationResult> UpdateAsync(UpdateRequest request, CancellationToken cancellationToken) =>
        Runner.RunAsync(request, null, "UPDATE", (snapshot, work) => ChangePlanner.UpdateAsync(this, Planner, request, snapshot, work, cancellationToken), cancellationToken);

    /// <summary>Begins a merge of source rows, such as <c>table.Merge(rows, "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(…)</c>.</summary>
    public MergeBuilder Merge(RowSource source, string on) => new(this, new MergeRequest(source, on));

    /// <summary>Merges source rows into the table.</summary>
    public Task<OperationResult> MergeAsync(MergeRequest request, CancellationToken cancellationToken)
    {
        var planner = new MergePlanner(this, _options, Planner, request);
        return Runner.RunAsync(request, request.Source, "MERGE", (snapshot, work) => planner.PlanAsync(snapshot, work, cancellationToken), cancellationToken);
    }

    /// <summary>Puts small files together and drops deleted rows; in several commits where there is much to do.</summary>
    public async Task<OperationResult> OptimizeAsync(OptimizeRequest request, CancellationToken cancellationToken)
    {
        var planner = new OptimizePlanner(this, Planner, request, _options.NewId);
        var batches = planner.Batches(await RequireSnapshotAsync((long?)null, cancellationToken));
        var total = batches.Sum(batch => batch.Sum(group => (long)group.Count));
        var result = OperationResult.Nothing;
        long done = 0;
        foreach (var batch in batches)
        {
            // The last commit says that all of it is done.
            var part = ReferenceEquals(batch, batches[^1]) ? request : request with { Application = null };
            var step = await Runner.RunAsync(part, null, "OPTIMIZE", (snapshot, work) => planner.PlanAsync(snapshot, batch, work, cancellationToken), cancellationToken);
            result = result.Plus(step);
            done += batch.Sum(group => group.Count);
            request.Progress?.Report(new OperationProgress("OPTIMIZE", done, total));
        }

        return result;
    }
}
