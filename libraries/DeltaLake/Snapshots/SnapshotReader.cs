using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Replays the log: newest readable checkpoint, then the commits after it.</summary>
internal sealed class SnapshotReader(LogFolder log, DeltaTableOptions options)
{
    /// <summary>Commits that are read and parsed ahead of the one being applied.</summary>
    private static readonly int s_readAhead = Math.Max(2, Environment.ProcessorCount * 2);

    private readonly CheckpointReader _checkpoints = new(log);

    /// <summary>The state at a version (or the newest); null where the table has no log.</summary>
    public async Task<TableState?> ReadAsync(long? version, CancellationToken cancellationToken)
    {
        if (await ReadFromHintAsync(version, cancellationToken) is { } hinted)
            return hinted;
        var listing = await log.ListAsync(cancellationToken);
        try
        {
            return await ReadAsync(listing, version, cancellationToken);
        }
        catch (DeltaException)
        {
            // The log may have been cleaned up between listing and reading: what is left begins at a newer checkpoint.
            var again = await log.ListAsync(cancellationToken);
            if (again.FirstCommit <= listing.FirstCommit)
                throw;
            return await ReadAsync(again, version, cancellationToken);
        }
    }

    /// <summary>
    /// By the part of the log that <c>_last_checkpoint</c> points to: an object store lists a thousand names a request. Null where that does
    /// not lead to a state, whatever the reason; the whole log tells then.
    /// </summary>
    private async Task<TableState?> ReadFromHintAsync(long? version, CancellationToken cancellationToken)
    {
        if (log.Store.IsLocal || await log.ReadHintAsync(cancellationToken) is not { } hint || version < hint)
            return null;
        var listing = await log.ListAsync(cancellationToken, hint);
        if (!listing.CheckpointVersions.Contains(hint) || version > listing.LastVersion)
            return null;
        try
        {
            return await ReadAsync(listing, version, cancellationToken);
        }
        catch (DeltaException exception)
        {
            options.OnFault?.Invoke($"the log of Delta table '{log.Table}' cannot be read from checkpoint {hint} on, to which _last_checkpoint points; it is read as a whole", exception);
            return null;
        }
    }

    /// <summary>Applies the commits after a state up to a version, or to where the log ends.</summary>
    public async Task<TableState> ForwardAsync(TableState state, long? version, CancellationToken cancellationToken)
    {
        while (version is null || state.Version < version)
        {
            if (await log.ReadCommitAsync(state.Version + 1, cancellationToken) is not { } read)
                break;
            state.Apply(state.Version + 1, read.Commit, read.FileTime);
        }

        return state;
    }

    private async Task<TableState?> ReadAsync(LogListing listing, long? version, CancellationToken cancellationToken)
    {
        var newest = listing.LastVersion;
        if (newest < 0)
            return null;
        var target = version ?? newest;
        if (target > newest || target < 0)
            throw new DeltaException(log.Table, $"version {target} does not exist; expected {Math.Max(0, listing.FirstReadable())} to {newest}.");
        Exception? fault = null;
        foreach (var checkpoint in listing.CheckpointsUpTo(target))
        {
            if (listing.FirstGap(checkpoint.Version, target) is { } gap)
                throw Missing(listing, gap, target, fault);
            var (state, damage) = await TryReadCheckpointAsync(checkpoint, cancellationToken);
            fault ??= damage;
            if (state is not null)
                return await ReplayAsync(state, target, listing, cancellationToken);
        }

        if (listing.FirstGap(-1, target) is { } missing)
            throw Missing(listing, missing, target, fault);
        return await ReplayAsync(new TableState(log.Table, log.Store), target, listing, cancellationToken);
    }

    private async Task<(TableState? State, Exception? Damage)> TryReadCheckpointAsync(CheckpointFiles checkpoint, CancellationToken cancellationToken)
    {
        try
        {
            var parts = await _checkpoints.ReadAsync(checkpoint, cancellationToken);
            var described = await log.Store.DescribeAsync(log.CommitPath(checkpoint.Version), cancellationToken)
                ?? await log.Store.DescribeAsync(checkpoint.Paths[0], cancellationToken);
            var state = new TableState(log.Table, log.Store);
            state.ApplyCheckpoint(checkpoint.Version, parts, described?.ModifiedAt ?? 0);
            // Every checkpoint has both; one without is torn.
            if (!state.IsComplete)
                throw new InvalidDataException("no protocol or no metaData action");
            using (JsonDocument.Parse(state.Metadata!.SchemaString))
            {
                // A schema that is no JSON was damaged on the way; one that this library cannot read is refused later, by name.
            }

            return (state, null);
        }
        catch (Exception exception) when (CheckpointReader.IsDamage(exception))
        {
            options.OnFault?.Invoke($"checkpoint {checkpoint.Version} of Delta table '{log.Table}' cannot be read; the log before it is used", exception);
            return (null, exception);
        }
    }

    private async Task<TableState> ReplayAsync(TableState state, long target, LogListing listing, CancellationToken cancellationToken)
    {
        var steps = new Queue<(long Last, Task<Step> Read)>();
        try
        {
            for (var next = state.Version + 1; state.Version < target;)
            {
                while (next <= target && steps.Count < s_readAhead)
                {
                    // The target itself is read as a commit: only that has its in-commit timestamp.
                    var compaction = Compaction(listing, next, target - 1);
                    var (first, last) = (next, compaction?.Last ?? next);
                    steps.Enqueue((last, Task.Run(() => ReadStepAsync(first, compaction, cancellationToken), cancellationToken)));
                    next = last + 1;
                }

                var (upTo, read) = steps.Dequeue();
                Apply(state, await read, upTo, listing, target);
            }
        }
        finally
        {
            await ((Task)Task.WhenAll(steps.Select(step => step.Read))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (state.UsesInCommitTimestamps && state.IsAtCheckpoint && await log.ReadInCommitTimestampAsync(state.Version, cancellationToken) is { } time)
            state.SetTimestamp(time);
        return state;
    }

    private void Apply(TableState state, Step step, long upTo, LogListing listing, long target)
    {
        if (step.Compacted is { } compacted)
            state.ApplyCompaction(upTo, compacted);
        foreach (var (commit, time) in step.Commits)
            state.Apply(state.Version + 1, commit, time);
        if (state.Version < upTo)
            throw Missing(listing, state.Version + 1, target, null);
    }

    /// <summary>Reads a compaction, or the commits that it stands for where there is none or it is torn.</summary>
    private async Task<Step> ReadStepAsync(long first, (long Last, string Path)? compaction, CancellationToken cancellationToken)
    {
        if (compaction is var (_, path) && await TryReadCompactionAsync(path, cancellationToken) is { } compacted)
            return new Step(compacted, []);
        var commits = new List<(LogCommit, long)>();
        for (var version = first; version <= (compaction?.Last ?? first); version++)
        {
            if (await log.ReadCommitAsync(version, cancellationToken) is not { } read)
                break;
            commits.Add(read);
        }

        return new Step(null, commits);
    }

    /// <summary>The longest compaction that begins at a version and ends by another.</summary>
    private static (long Last, string Path)? Compaction(LogListing listing, long first, long last)
    {
        (long Last, string Path)? longest = null;
        foreach (var item in listing.Compactions)
        {
            if (item.First == first && item.Last > first && item.Last <= last && item.Last > (longest?.Last ?? -1))
                longest = (item.Last, item.Path);
        }

        return longest;
    }

    private async Task<LogCommit?> TryReadCompactionAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var compacted = await _checkpoints.ReadFileAsync(path, cancellationToken);
            // Some hold the actions of their commits as they were, in an order that they do not tell; or nothing.
            return compacted.IsReconciled() ? compacted : throw new InvalidDataException("it is empty or has several actions for one file, application or domain");
        }
        catch (Exception exception) when (CheckpointReader.IsDamage(exception))
        {
            options.OnFault?.Invoke($"log compaction '{path}' of Delta table '{log.Table}' cannot be read; the commits are used", exception);
            return null;
        }
    }

    private DeltaException Missing(LogListing listing, long version, long target, Exception? fault)
    {
        var readable = listing.FirstReadable();
        if (listing.FirstCommit > version || listing.LastCommit < 0)
        {
            return new DeltaException(log.Table, fault is null && readable >= 0 && readable > target
                ? $"version {target} is gone: the log was cleaned up; expected {readable} to {listing.LastVersion}."
                : $"the log begins at version {listing.FirstCommit} without a readable checkpoint; expected version 0 or a checkpoint; restore the log.", fault);
        }

        return new DeltaException(log.Table, $"commit {version} is missing while {Math.Max(target, listing.LastVersion)} exists; expected an unbroken log; restore the file.", fault);
    }

    private readonly record struct Step(LogCommit? Compacted, List<(LogCommit Commit, long FileTime)> Commits);
}
