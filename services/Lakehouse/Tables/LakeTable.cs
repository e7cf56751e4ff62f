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

    /// <summary>The positions committed so far, and how rows fit into the table; columns that the contract has gained or widened are added and widened before.</summary>
    public async Task<(IReadOnlyDictionary<string, long> Positions, TableFit Fit)> GetStateAsync(CancellationToken cancellationToken)
    {
        var snapshot = await table.GetSnapshotAsync(null, cancellationToken);
        if (snapshot is not null)
            snapshot = await EnsureAsync(cancellationToken);
        return (snapshot?.Transactions ?? new Dictionary<string, long>(), TableFit.Of(schema, snapshot));
    }

    /// <summary>
    /// Commits rows, which fit, and positions together. False where another writer advanced one of the positions or changed the columns:
    /// the caller must decide anew what is already applied, and what fits.
    /// </summary>
    public async Task<bool> AppendAsync(ColumnBatch rows, TableFit fit, IReadOnlyCollection<KeyValuePair<string, long>> positions, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var snapshot = await EnsureAsync(cancellationToken);
        if (rows.Count > 0 && !fit.IsFor(snapshot))
        {
            log.CommitConflict($"{pipeline}.{name}", "its columns have changed");
            return false;
        }

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

            var evolved = Evolve(snapshot, out var changes);
            if (changes.Count == 0)
                return snapshot;
            if (await table.BeginTransaction(snapshot).SetSchema(evolved).CommitAsync("CHANGE COLUMNS", new Dictionary<string, string>(), cancellationToken) is CommitResult.Committed)
                log.SchemaEvolved($"{pipeline}.{name}", string.Join(", ", changes));
        }
    }

    /// <summary>The table's schema with the columns that the contract has more, and wider ones where the table allows it (<c>delta.enableTypeWidening</c>).</summary>
    private StructType Evolve(Snapshot snapshot, out List<string> changes)
    {
        var (evolved, contract) = (snapshot.Schema, FlatRows.ToStruct(schema));
        changes = [];
        var widens = snapshot.Configuration.TryGetValue("delta.enableTypeWidening", out var text) && bool.TryParse(text, out var isOn) && isOn;
        foreach (var field in contract.Fields)
        {
            if (snapshot.Schema.Find(field.Name) is not { } existing)
            {
                evolved = SchemaEvolution.AddColumn(table.Path, evolved, null, field with { Nullable = true });
                changes.Add(field.Name);
            }
            else if (widens && SchemaEvolution.CanWiden(existing.Type, field.Type) && !snapshot.PartitionColumns.Contains(existing.Name))
            {
                evolved = SchemaEvolution.WidenColumn(table.Path, evolved, existing.Name, field.Type);
                changes.Add($"{field.Name} ({existing.Type} to {field.Type})");
            }
        }

        return evolved;
    }
}
