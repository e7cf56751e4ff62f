using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>
/// A table this service appends to: creates it with its first rows, adds columns a contract has gained, commits rows with positions.
/// </summary>
internal sealed class LakeTable(string pipeline, string name, DeltaTable table, RowSchema schema, IReadOnlyList<string> partitionBy, LakehouseMetrics metrics, CommitNotifier notifier, TimeProvider time, ILogger log)
{
    private static readonly Dictionary<string, string> s_append = new() { ["mode"] = "Append" };

    public string Pipeline => pipeline;

    public string Name => name;

    public DeltaTable Delta => table;

    public RowSchema Schema => schema;

    /// <summary>The positions committed so far.</summary>
    public async Task<IReadOnlyDictionary<string, long>> GetPositionsAsync(CancellationToken cancellationToken) =>
        (await table.GetSnapshotAsync(null, cancellationToken))?.Transactions ?? new Dictionary<string, long>();

    /// <summary>
    /// Commits rows and positions together. False where another writer advanced one of the positions: the caller must decide anew
    /// what is already applied.
    /// </summary>
    public async Task<bool> AppendAsync(ColumnBatch rows, IReadOnlyCollection<KeyValuePair<string, long>> positions, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var snapshot = await EnsureAsync(cancellationToken);
        var transaction = table.BeginTransaction(snapshot);
        if (rows.Count > 0)
        {
            foreach (var file in await table.WriteFilesAsync(snapshot, [rows], cancellationToken))
                transaction.Add(file);
        }

        foreach (var (app, version) in positions)
            transaction.SetTransaction(app, version);
        switch (await transaction.CommitAsync("STREAMING UPDATE", s_append, cancellationToken))
        {
            case CommitResult.Committed committed:
                metrics.Committed($"{pipeline}.{name}", rows.Count, time.GetElapsedTime(started));
                notifier.Announce(new CommitNotice(pipeline, name, committed.Version, rows.Count));
                return true;
            case CommitResult.Conflict conflict:
                log.CommitConflict($"{pipeline}.{name}", conflict.Reason);
                return false;
            default:
                throw new InvalidOperationException("a commit ends committed or in conflict");
        }
    }

    /// <summary>The newest snapshot of a table that has all our columns.</summary>
    private async Task<Snapshot> EnsureAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = await table.GetSnapshotAsync(null, cancellationToken);
            if (snapshot is null)
            {
                await table.BeginTransaction(null).SetMetadata(schema, partitionBy, $"{pipeline}.{name}").CommitAsync("CREATE TABLE", new Dictionary<string, string>(), cancellationToken);
                continue;
            }

            var missing = schema.Fields.Where(field => snapshot.RowSchema.IndexOf(field.Name) < 0).ToList();
            CheckTypes(snapshot);
            if (missing.Count == 0)
                return snapshot;
            var merged = new RowSchema([.. snapshot.RowSchema.Fields, .. missing]);
            if (await table.BeginTransaction(snapshot).SetMetadata(merged, snapshot.PartitionColumns, null).CommitAsync("ADD COLUMNS", new Dictionary<string, string>(), cancellationToken) is CommitResult.Committed)
                log.SchemaEvolved($"{pipeline}.{name}", string.Join(", ", missing.Select(field => field.Name)));
        }
    }

    private void CheckTypes(Snapshot snapshot)
    {
        foreach (var field in schema.Fields)
        {
            var at = snapshot.RowSchema.IndexOf(field.Name);
            if (at < 0)
                continue;
            var existing = snapshot.RowSchema.Fields[at];
            if (existing.Type != field.Type || (field.Type == FieldType.Decimal && (existing.Precision, existing.Scale) != (field.Precision, field.Scale)))
                throw new DeltaException(table.Path, $"column '{field.Name}' is {existing.Type}, the contract says {field.Type}; expected the same type; give the field a new name or start a new table.");
        }
    }
}
