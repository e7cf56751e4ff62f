namespace RealTimeMesh.DeltaLake;

/// <summary>Replays the log: newest readable checkpoint, then the commits after it.</summary>
internal sealed class SnapshotReader(LogFolder log, DeltaTableOptions options)
{
    /// <summary>The state at a version (or the newest); null where the table has no log.</summary>
    public async Task<TableState?> ReadAsync(long? version, CancellationToken cancellationToken)
    {
        var listing = log.List();
        Exception? fault = null;
        foreach (var (at, files) in listing.CheckpointsUpTo(version ?? long.MaxValue))
        {
            try
            {
                var state = new TableState(log.Table);
                foreach (var file in files)
                    state.Apply(at, await CheckpointReader.ReadAsync(log.Table, file, cancellationToken), new DateTimeOffset(File.GetLastWriteTimeUtc(file)).ToUnixTimeMilliseconds(), isCheckpoint: true);
                state.ToSnapshot();
                return await ForwardAsync(state, version, listing.LastCommit, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or ArgumentException or Parquet.ParquetException or IndexOutOfRangeException or InvalidOperationException or NotSupportedException)
            {
                fault = exception;
                options.OnFault?.Invoke($"checkpoint {at} of Delta table '{log.Table}' cannot be read; the log before it is used", exception);
            }
        }

        if (listing.LastCommit < 0 && fault is null)
            return null;
        if (listing.FirstCommit != 0)
            throw new DeltaException(log.Table, $"the log begins at version {listing.FirstCommit} without a readable checkpoint; expected version 0 or a checkpoint; restore the log.", fault);
        return await ForwardAsync(new TableState(log.Table), version, listing.LastCommit, cancellationToken);
    }

    /// <summary>Applies the commits after a state; stops at the version asked for, or where the log ends.</summary>
    public async Task<TableState> ForwardAsync(TableState state, long? version, long lastListed, CancellationToken cancellationToken)
    {
        while (version is null || state.Version < version)
        {
            var next = state.Version + 1;
            if (await log.ReadCommitAsync(next, cancellationToken) is not { } read)
            {
                if (next <= lastListed)
                    throw new DeltaException(log.Table, $"commit {next} is missing while {lastListed} exists; expected an unbroken log; restore the file.");
                if (version is not null)
                    throw new DeltaException(log.Table, $"version {version} does not exist; the newest is {state.Version}.");
                break;
            }

            state.Apply(next, read.Commit, read.FileTime, isCheckpoint: false);
        }

        return state;
    }
}
