namespace RealTimeMesh.DeltaLake;

/// <summary>Runs operations as one commit each: plan on the newest snapshot, commit, and from the start where a concurrent commit stands against it.</summary>
internal sealed class OperationRunner(DeltaTable table, DeltaTableOptions options, TimeProvider time)
{
    /// <summary>An operation that an engine works out. The source is read once, for all attempts.</summary>
    public async Task<OperationResult> RunAsync(TableRequest request, RowSource? source, string name, Func<Snapshot?, ITableWork, Task<OperationPlan?>> plan, CancellationToken cancellationToken)
    {
        var engine = table.RequireEngine();
        if (IsDone(request, await table.GetSnapshotAsync(null, cancellationToken)))
            return OperationResult.Nothing;
        CheckNames(source);
        await using var work = await engine.OpenAsync(source, cancellationToken);
        var result = await RunAsync(request, name, snapshot => plan(snapshot, work), () => work.DiscardAsync(CancellationToken.None), cancellationToken);
        work.Keep();
        return result;
    }

    /// <summary>An operation on the log alone, or one whose files <paramref name="discard"/> deletes after an attempt that came to nothing.</summary>
    public async Task<OperationResult> RunAsync(TableRequest request, string name, Func<Snapshot?, Task<OperationPlan?>> plan, Func<Task> discard, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var snapshot = await table.GetSnapshotAsync(null, cancellationToken);
            if (IsDone(request, snapshot))
                return OperationResult.Nothing;
            OperationPlan? planned;
            try
            {
                planned = await DiskFull.TellAsync(table.Path, () => plan(snapshot));
            }
            catch
            {
                await discard();
                throw;
            }

            if (planned is null)
                return OperationResult.Nothing;
            // Where the commit throws nobody knows whether it is there: the files stay, vacuum knows later.
            switch (await CommitAsync(planned, request, started, cancellationToken))
            {
                case CommitResult.Committed committed:
                    return new OperationResult(committed.Version, planned.Metrics);
                case CommitResult.Conflict conflict:
                    await discard();
                    if (attempt >= options.MaxOperationAttempts)
                        throw new DeltaConflictException(table.Path, name, conflict);
                    break;
                default:
                    throw new InvalidOperationException("a commit has no other outcome");
            }
        }
    }

    /// <summary>Before an engine gives one of two columns another name.</summary>
    private void CheckNames(RowSource? source) => SchemaRules.CheckRows(table.Path, source switch
    {
        RowSource.ArrowSource arrow => arrow.Schema.FieldsList.Select(field => field.Name),
        RowSource.ColumnSource columns => columns.Schema.Fields.Select(field => field.Name),
        _ => [],
    });

    private Task<CommitResult> CommitAsync(OperationPlan plan, TableRequest request, long started, CancellationToken cancellationToken)
    {
        var transaction = plan.Transaction;
        if (request.UserMetadata is not null)
            transaction.SetUserMetadata(request.UserMetadata);
        if (request.Application is { } application)
            transaction.SetTransaction(application.AppId, application.Version);
        foreach (var (metric, value) in plan.Metrics)
            transaction.SetMetric(metric, value);
        transaction.SetMetric("executionTimeMs", (long)time.GetElapsedTime(started).TotalMilliseconds);
        return transaction.CommitAsync(plan.Operation, plan.Parameters, cancellationToken);
    }

    private static bool IsDone(TableRequest request, Snapshot? snapshot) =>
        request.Application is { } application && snapshot is not null && snapshot.Transactions.TryGetValue(application.AppId, out var version) && version >= application.Version;
}
