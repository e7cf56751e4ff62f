using System.Runtime.CompilerServices;
using Apache.Arrow;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    /// <summary>
    /// Rows as Arrow batches, as they are read; the caller disposes the batches. Needs <see cref="DeltaTableOptions.Engine"/>.
    /// Throws where the table does not exist or cannot be read.
    /// </summary>
    public async IAsyncEnumerable<RecordBatch> ReadAsync(ReadOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        options ??= new ReadOptions();
        var engine = RequireEngine();
        var snapshot = await RequireSnapshotAsync(options, cancellationToken);
        var request = new ScanRequest(snapshot) { Columns = options.Columns, Limit = options.Limit, WithRowIds = options.WithRowIds };
        if (options.WithRowIds && snapshot.RowTracking is null)
            throw new DeltaException(Path, $"row ids of version {snapshot.Version} were asked for, which has none to rely on; expected {TableProperties.RowTracking}=true (feature {RowTracking.Feature}); set it first.");
        if (options.Where is { } where)
        {
            var predicate = DeltaExpression.Parse(where).ResolvePredicate(snapshot.Schema, _time.GetUtcNow());
            var pruned = FilePruning.Prune(snapshot, predicate);
            options.OnPruned?.Invoke(pruned);
            request = request with { Predicate = predicate, Files = pruned.Files };
        }

        await foreach (var batch in engine.ScanAsync(request, cancellationToken))
            yield return batch;
    }

    /// <summary>
    /// Rows as objects: columns go to constructor parameters or settable properties of the same name, ignoring case. A member without
    /// a column, a column type that does not fit and a null for a member that cannot hold one are errors that name them.
    /// </summary>
    public async IAsyncEnumerable<T> ReadAsync<T>(ReadOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        options ??= new ReadOptions();
        var rows = RowReader<T>.Create(Path);
        await foreach (var batch in ReadAsync(options with { Columns = options.Columns ?? rows.Columns }, cancellationToken))
        {
            using (batch)
            {
                rows.Bind(batch);
                for (var i = 0; i < batch.Length; i++)
                    yield return rows.Read(i);
            }
        }
    }

    /// <summary>
    /// Changed rows of the versions <paramref name="from"/> to <paramref name="to"/> (both included; null for the newest), with the columns
    /// of the last of them and <c>_change_type</c> (insert, update_preimage, update_postimage or delete), <c>_commit_version</c> and
    /// <c>_commit_timestamp</c>.
    /// </summary>
    public async IAsyncEnumerable<RecordBatch> ReadChangesAsync(long from, long? to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var engine = RequireEngine();
        var changes = await GetChangesAsync(from, to, cancellationToken);
        await foreach (var batch in engine.ScanChangesAsync(changes, cancellationToken))
            yield return batch;
    }

    /// <summary>The files and rows in which the versions <paramref name="from"/> to <paramref name="to"/> (both included; null for the newest) changed the table.</summary>
    public Task<ChangeSet> GetChangesAsync(long from, long? to, CancellationToken cancellationToken) =>
        new ChangeFeed(this, _log).PlanAsync(from, to, cancellationToken);

    /// <summary>The snapshot of a version (null: the newest); throws where the table does not exist.</summary>
    internal async Task<Snapshot> RequireSnapshotAsync(long? version, CancellationToken cancellationToken) =>
        await GetSnapshotAsync(version, cancellationToken)
        ?? throw new DeltaException(Path, "there is no table here: found no _delta_log with a commit; expected the folder of a Delta table; check the path.");

    private async Task<Snapshot> RequireSnapshotAsync(ReadOptions options, CancellationToken cancellationToken)
    {
        if (options.Timestamp is not { } timestamp)
            return await RequireSnapshotAsync(options.Version, cancellationToken);
        if (options.Version is not null)
            throw new DeltaException(Path, "both a version and a timestamp to read are given; expected one of them.");
        return await GetSnapshotAsync(timestamp, cancellationToken) ?? await RequireSnapshotAsync((long?)null, cancellationToken);
    }

    internal ITableEngine RequireEngine() => _options.Engine
        ?? throw new DeltaException(Path, "rows cannot be read: DeltaTableOptions.Engine is not set; expected an engine; set it, for example to new DuckDbTableEngine(...) of the package RealTimeMesh.DuckDb.");
}
