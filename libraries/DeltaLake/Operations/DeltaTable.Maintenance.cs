namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    private readonly SnapshotHolds _holds = new();

    /// <summary>
    /// Deletes files that no version within the retention needs. Readers of older versions that hold their snapshot (<see cref="Hold"/>) keep
    /// theirs. Needs no engine.
    /// </summary>
    public Task<VacuumResult> VacuumAsync(VacuumRequest request, CancellationToken cancellationToken) =>
        new VacuumOperation(this, _log, _time, request).RunAsync(cancellationToken);

    /// <summary>Makes the table what it was in a version; the versions since stay in its history. Needs no engine.</summary>
    public Task<OperationResult> RestoreAsync(RestoreRequest request, CancellationToken cancellationToken) =>
        new RestoreOperation(this, _options, _time, request).RunAsync(cancellationToken);

    /// <summary>What a restore would change; nothing is done.</summary>
    public Task<RestorePreview> PreviewRestoreAsync(RestoreRequest request, CancellationToken cancellationToken) =>
        new RestoreOperation(this, _options, _time, request).PreviewAsync(cancellationToken);

    /// <summary>What an optimisation would write anew; nothing is done.</summary>
    public async Task<OptimizePreview> PreviewOptimizeAsync(OptimizeRequest request, CancellationToken cancellationToken)
    {
        var batches = new OptimizePlanner(this, Planner, request, _options.NewId).Batches(await RequireSnapshotAsync((long?)null, cancellationToken));
        var files = batches.SelectMany(batch => batch).SelectMany(group => group).ToList();
        return new OptimizePreview(batches.Count, files.Count, files.Sum(file => file.Size));
    }

    /// <summary>Commits since the newest checkpoint; null where the table does not exist.</summary>
    public async Task<long?> CountCommitsSinceCheckpointAsync(CancellationToken cancellationToken) =>
        await GetSnapshotAsync(null, cancellationToken) is { } snapshot ? snapshot.Version - (await _log.ListAsync(cancellationToken)).CheckpointVersions.DefaultIfEmpty(-1).Last() : null;

    /// <summary>
    /// Protects a snapshot's files from <see cref="VacuumAsync"/> of this instance, whatever the retention, until the result is disposed of.
    /// Readers in other processes are protected by the retention alone.
    /// </summary>
    public IDisposable Hold(Snapshot snapshot) => _holds.Add(snapshot);

    internal IReadOnlyList<Snapshot> HeldSnapshots => _holds.All;

    /// <summary>The newest snapshot with the tombstones that are still remembered.</summary>
    internal async Task<(Snapshot Snapshot, IReadOnlyList<RemoveFile> Tombstones)?> GetTombstonesAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await RefreshAsync(cancellationToken) is { } snapshot ? (snapshot, [.. _state!.Tombstones]) : null;
        }
        finally
        {
            _gate.Release();
        }
    }
}
