using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>A table this service appends to: creates it with its first rows, commits rows with positions, and with them what the table must gain for them.</summary>
internal sealed class LakeTable(string pipeline, string name, DeltaTable table, IReadOnlyList<string> partitionBy, LakehouseMetrics metrics, CommitNotifier notifier, TimeProvider time, ILogger log)
{
    private static readonly Dictionary<string, string> s_append = new() { ["mode"] = "Append" };

    public string Pipeline => pipeline;

    public string Name => name;

    public string FullName { get; } = $"{pipeline}.{name}";

    public DeltaTable Delta => table;

    /// <summary>How rows go into the table as it is now.</summary>
    public TablePlan Plan(Snapshot? snapshot, RowSchema rows) => TablePlan.Of(table, snapshot, rows, time.GetUtcNow());

    /// <summary>
    /// Commits rows, which the plan accepts, and positions together; columns that the table lacks come in the same commit. False where another writer advanced
    /// one of the positions or changed the columns: the caller must decide anew what is already applied, and what fits.
    /// </summary>
    public async Task<bool> AppendAsync(ColumnBatch rows, RowSchema columns, TablePlan plan, IReadOnlyCollection<KeyValuePair<string, long>> positions, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (plan.Target is null)
        {
            await table.BeginTransaction(null).SetMetadata(TableColumns.Of(columns), partitionBy, FullName).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), cancellationToken);
            plan = Plan(await table.GetSnapshotAsync(null, cancellationToken), columns);
            // Another writer may have made it, otherwise.
            if (plan.Target is null || plan.Snapshot!.Version != 0 || plan.Changes.Count > 0 || plan.Gate != RuleGate.Open)
                return false;
        }

        var transaction = table.BeginTransaction(plan.Snapshot);
        if (rows.Count > 0)
        {
            if (plan.Changes.Count > 0)
                transaction.SetSchema(plan.Target.Schema);
            foreach (var file in await table.WriteFilesAsync(plan.Target, [rows], cancellationToken))
                transaction.Add(file);
        }

        foreach (var (app, version) in positions)
            transaction.SetTransaction(app, version);
        switch (await transaction.CommitAsync("STREAMING UPDATE", s_append, cancellationToken))
        {
            case CommitResult.Committed committed:
                if (rows.Count > 0 && plan.Changes.Count > 0)
                    log.SchemaEvolved(FullName, string.Join(", ", plan.Changes));
                metrics.Committed(FullName, rows.Count, time.GetElapsedTime(started));
                notifier.Announce(new CommitNotice(pipeline, name, committed.Version, rows.Count));
                return true;
            case CommitResult.Conflict conflict:
                log.CommitConflict(FullName, conflict.Reason);
                return false;
            default:
                throw new InvalidOperationException("a commit ends committed or in conflict");
        }
    }
}
