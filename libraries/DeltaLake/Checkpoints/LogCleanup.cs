namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Deletes the part of a log that is older than its retention and that a checkpoint makes dispensable (PROTOCOL.md, "Metadata Cleanup").
/// The checkpoint is read before anything is deleted: one that is torn must not become the only copy of the state.
/// </summary>
internal sealed class LogCleanup(LogFolder log, DeltaTableOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_unfinishedRetention = TimeSpan.FromDays(1);
    private readonly CheckpointReader _checkpoints = new(log);

    /// <summary>The number of files deleted.</summary>
    public async Task<int> RunAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        if (!LogProperties.CleansUpLog(snapshot.Configuration))
            return 0;
        var now = time.GetUtcNow();
        // Whole days: cleanups between two midnights find nothing and cost little.
        var cutoff = new DateTimeOffset((now - LogProperties.LogRetention(log.Table, snapshot.Configuration)).UtcDateTime.Date, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var listing = await log.ListAsync(cancellationToken);
        var unfinished = await DeleteUnfinishedAsync(now, cancellationToken);
        if (await NewestUpToAsync(listing, snapshot, cutoff, cancellationToken) is not { } oldEnough
            || listing.CheckpointsUpTo(oldEnough).FirstOrDefault() is not { } checkpoint
            || Expired(listing, checkpoint.Version) is not { Count: > 0 } expired
            || !await IsReadableAsync(checkpoint, cancellationToken))
        {
            return unfinished;
        }

        foreach (var path in expired)
            await log.Store.DeleteAsync(path, cancellationToken);
        return unfinished + expired.Count + await DeleteSidecarsAsync(await log.ListAsync(cancellationToken), now, cancellationToken);
    }

    /// <summary>The newest of the oldest commits that are all at or before a time.</summary>
    private async Task<long?> NewestUpToAsync(LogListing listing, Snapshot snapshot, long cutoff, CancellationToken cancellationToken)
    {
        var times = new CommitTimes(log, listing, snapshot.Configuration);
        long? newest = null;
        foreach (var version in listing.Commits)
        {
            if (await times.OfAsync(version, cancellationToken) is not { } at || at > cutoff)
                break;
            newest = version;
        }

        return newest;
    }

    /// <summary>What stands before a checkpoint, oldest first, so that a cleanup that is cut short leaves an unbroken log. The checkpoint's own commit stays.</summary>
    private List<string> Expired(LogListing listing, long checkpoint) =>
    [
        .. listing.Commits.Select(version => (Version: version, Path: log.CommitPath(version)))
            .Concat(listing.Checksums)
            .Concat(listing.CheckpointPaths)
            .Concat(listing.Compactions.Select(item => (Version: item.First, item.Path)))
            .Where(item => item.Version < checkpoint)
            .OrderBy(item => item.Version)
            .Select(item => item.Path),
    ];

    private async Task<bool> IsReadableAsync(CheckpointFiles checkpoint, CancellationToken cancellationToken)
    {
        try
        {
            var parts = await _checkpoints.ReadAsync(checkpoint, cancellationToken);
            return parts.Any(part => part.Protocol is not null) && parts.Any(part => part.Metadata is not null);
        }
        catch (Exception exception) when (CheckpointReader.IsDamage(exception))
        {
            options.OnFault?.Invoke($"checkpoint {checkpoint.Version} of Delta table '{log.Table}' cannot be read; the log before it is kept beyond its retention", exception);
            return false;
        }
    }

    /// <summary>Deletes temporary files of this library that a killed writer left.</summary>
    private async Task<int> DeleteUnfinishedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!log.Store.IsLocal)
            return 0;
        var temporary = await log.Store.ListAsync(log.Path, null, cancellationToken).Select(file => file.Path)
            .Where(path => Path.GetFileName(path) is { Length: 37 } name && name[0] == '.' && name.EndsWith(".tmp", StringComparison.Ordinal)).ToListAsync(cancellationToken);
        return await DeleteOlderAsync(temporary, now - s_unfinishedRetention, cancellationToken);
    }

    private async Task<int> DeleteOlderAsync(IEnumerable<string> paths, DateTimeOffset than, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var path in paths)
        {
            if (await log.Store.DescribeAsync(path, cancellationToken) is not var (_, time) || time >= than.ToUnixTimeMilliseconds())
                continue;
            await log.Store.DeleteAsync(path, cancellationToken);
            deleted++;
        }

        return deleted;
    }

    /// <summary>Deletes sidecars that no checkpoint refers to; young ones may belong to a checkpoint that is being written.</summary>
    private async Task<int> DeleteSidecarsAsync(LogListing listing, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var sidecars = await log.Store.ListAsync(log.SidecarFolder, null, cancellationToken).Select(file => file.Path).ToListAsync(cancellationToken);
        if (sidecars.Count == 0)
            return 0;
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (version, path) in listing.CheckpointPaths)
        {
            try
            {
                kept.UnionWith((await _checkpoints.ReadFileAsync(path, cancellationToken)).Sidecars.Select(sidecar => TablePaths.Normalize(log.SidecarPath(sidecar.Path))));
            }
            catch (Exception exception) when (CheckpointReader.IsDamage(exception))
            {
                options.OnFault?.Invoke($"checkpoint {version} of Delta table '{log.Table}' cannot be read; no sidecar is deleted, since it may need them", exception);
                return 0;
            }
        }

        return await DeleteOlderAsync(sidecars.Where(path => !kept.Contains(TablePaths.Normalize(path))), new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) - s_unfinishedRetention, cancellationToken);
    }
}
