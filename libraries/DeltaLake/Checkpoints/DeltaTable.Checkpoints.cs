namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    /// <summary>
    /// Writes a checkpoint of the newest version, so that readers need not replay the log before it, and returns that version; null where the
    /// table does not exist. Commits do so by themselves every <c>delta.checkpointInterval</c> versions.
    /// </summary>
    public async Task<long?> WriteCheckpointAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (await RefreshAsync(cancellationToken) is not { } snapshot)
                return null;
            Features.CheckWrite(snapshot);
            return await DiskFull.TellAsync(Path, async () =>
            {
                await new CheckpointWriter(_log, _options, _time).WriteAsync(_state!, snapshot, cancellationToken);
                return snapshot.Version;
            });
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Deletes commits, checkpoints and checksums that are older than <c>delta.logRetentionDuration</c> and that a newer checkpoint makes
    /// dispensable; returns how many files. Nothing where <c>delta.enableExpiredLogCleanup</c> is false. Commits do so after a checkpoint.
    /// </summary>
    public async Task<int> CleanUpLogAsync(CancellationToken cancellationToken)
    {
        if (await GetSnapshotAsync(null, cancellationToken) is not { } snapshot)
            return 0;
        Features.CheckWrite(snapshot);
        return await new LogCleanup(_log, _options, _time).RunAsync(snapshot, cancellationToken);
    }

    /// <summary>
    /// What follows a commit: its checksum file, and every <paramref name="interval"/> versions a checkpoint and a cleanup of the log. A fault is
    /// told to <see cref="DeltaTableOptions.OnFault"/>; the commit stands.
    /// </summary>
    internal async Task AfterCommitAsync(long version, long interval, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_options.WriteChecksums)
                await WriteChecksumAsync(version, cancellationToken);
            if (version == 0 || interval <= 0 || version % interval != 0)
                return;
            if (await RefreshAsync(cancellationToken) is { } snapshot && snapshot.Version >= version)
            {
                await new CheckpointWriter(_log, _options, _time).WriteAsync(_state!, snapshot, cancellationToken);
                await new LogCleanup(_log, _options, _time).RunAsync(snapshot, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _options.OnFault?.Invoke($"checksum, checkpoint or log cleanup after version {version} of Delta table '{Path}' failed; the commit stands and the next will try again", exception);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Only where the state is known up to about this version: to read a whole log for a checksum would be out of proportion.</summary>
    private async Task WriteChecksumAsync(long version, CancellationToken cancellationToken)
    {
        await ForgetReplacedLogAsync(cancellationToken);
        var state = _state ?? (version == 0 ? new TableState(Path, _log.Store) : null);
        if (state is null || state.Version > version)
            return;
        try
        {
            _state = await _reader.ForwardAsync(state, version, cancellationToken);
        }
        catch
        {
            (_state, _snapshot) = (null, null);
            throw;
        }

        if (_state.Version == version && _state.IsComplete)
            await VersionChecksum.WriteAsync(_log, _state, cancellationToken);
    }
}
