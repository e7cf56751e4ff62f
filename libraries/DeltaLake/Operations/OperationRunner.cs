using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>Runs operations as one commit each: plan on the newest snapshot, commit, and from the start where a concurrent commit stands against it.</summary>
internal sealed class OperationRunner(DeltaTable table, DeltaTableOptions options, TimeProvider time)
{
    public async Task<OperationResult> RunAsync(TableRequest request, RowSource? source, string name, Func<Snapshot?, ITableWork, Task<OperationPlan?>> plan, CancellationToken cancellationToken)
    {
        var engine = table.RequireEngine();
        var started = time.GetTimestamp();
        if (IsDone(request, await table.GetSnapshotAsync(null, cancellationToken)))
            return OperationResult.Nothing;
        await using var work = await engine.OpenAsync(source, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var snapshot = await table.GetSnapshotAsync(null, cancellationToken);
            if (IsDone(request, snapshot))
                return OperationResult.Nothing;
            OperationPlan? planned;
            try
            {
                planned = await plan(snapshot, work);
            }
            catch
            {
                await work.DiscardAsync(CancellationToken.None);
                throw;
            }

            if (planned is null)
                return OperationResult.Nothing;
            // Where the commit throws nobody knows whether it is there: the files stay, vacuum knows later.
            var result = await CommitAsync(planned, request, started, cancellationToken);
            switch (result)
            {
                case CommitResult.Committed committed:
                    work.Keep();
                    return new OperationResult(committed.Version, planned.Metrics);
                case CommitResult.Conflict conflict:
                    await work.DiscardAsync(CancellationToken.None);
                    if (attempt >= options.MaxOperationAttempts)
                        throw new DeltaConflictException(table.Path, name, conflict);
                    break;
                default:
                    throw new InvalidOperationException($"{result.GetType().Name} is no outcome of a commit");
            }
        }
    }

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

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
