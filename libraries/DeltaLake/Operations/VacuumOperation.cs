using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Deletes files that no version within the retention needs: neither live, nor removed within it, nor (where no commit tells) written
/// within it, since a writer may be about to commit them.
/// </summary>
internal sealed class VacuumOperation(DeltaTable table, LogFolder log, TimeProvider time, VacuumRequest request)
{
    public async Task<VacuumResult> RunAsync(CancellationToken cancellationToken)
    {
        if (await table.GetTombstonesAsync(cancellationToken) is not var (snapshot, tombstones))
            throw new DeltaException(table.Path, "there is no table here: found no _delta_log with a commit; expected the folder of a Delta table; check the path.");
        // Feature vacuumProtocolCheck: whoever cannot write the table cannot know which files it needs.
        Features.CheckWrite(snapshot);
        var retention = Retention(snapshot);
        var cutoff = time.GetUtcNow().ToUnixTimeMilliseconds() - (long)retention.TotalMilliseconds;
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var held in table.HeldSnapshots.Append(snapshot))
        {
            foreach (var file in held.Files)
                Keep(kept, file.Path, file.DeletionVector);
        }

        var removed = await RemovedAsync(snapshot, tombstones, retention, cutoff, cancellationToken);
        foreach (var file in removed.Where(file => file.DeletionTimestamp >= cutoff))
            Keep(kept, file.Path, file.DeletionVector);
        var listing = new VacuumListing(snapshot, DateTimeOffset.FromUnixTimeMilliseconds(cutoff).UtcDateTime);
        var (files, folders) = request.Lite
            ? (await listing.NamedAsync(removed.SelectMany(Paths), cancellationToken).Where(file => !kept.Contains(file.Path)).ToListAsync(cancellationToken), [])
            : (await listing.ExpiredAsync(cancellationToken).Where(file => !kept.Contains(file.Path)).ToListAsync(cancellationToken), listing.EmptyFolders);
        if (!request.DryRun)
            await DeleteAsync(files, cancellationToken);
        var bytes = files.Sum(file => file.Bytes);
        return new VacuumResult([.. files.Select(file => file.Path)], bytes, request.DryRun ? folders.Count : Delete(folders));
    }

    private TimeSpan Retention(Snapshot snapshot)
    {
        var configured = LogProperties.DeletedFileRetention(table.Path, snapshot.Configuration);
        var asked = request.Retention ?? configured;
        if (asked < TimeSpan.Zero)
            throw new DeltaException(table.Path, $"vacuum was asked for a retention of {Text(asked)}; expected none below zero.");
        if (asked < configured && !request.AllowShortRetention)
            throw new DeltaException(table.Path, $"vacuum was asked for a retention of {Text(asked)}; expected {Text(configured)} or more ({TableProperties.DeletedFileRetention}): running readers and writers may still need younger files; ask for more, or allow the short retention where nobody else uses the table.");
        return asked;
    }

    /// <summary>
    /// What was removed, as far back as is known. The state forgets tombstones after the table's own retention; where more is asked for, or
    /// where only the log tells which files to delete, its commits are read.
    /// </summary>
    private async Task<IReadOnlyList<RemoveFile>> RemovedAsync(Snapshot snapshot, IReadOnlyList<RemoveFile> tombstones, TimeSpan retention, long cutoff, CancellationToken cancellationToken)
    {
        if (!request.Lite && retention <= LogProperties.DeletedFileRetention(table.Path, snapshot.Configuration))
            return tombstones;
        var newest = new Dictionary<FileKey, RemoveFile>();
        foreach (var version in (await log.ListAsync(cancellationToken)).Commits.Reverse())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await log.ReadCommitAsync(version, cancellationToken) is not var (commit, fileTime))
                continue;
            foreach (var file in commit.Removes)
                newest.TryAdd(file.Key, file);
            // A commit's removals are stamped before its file is written: one day allows for the clocks of writers.
            if (!request.Lite && fileTime < cutoff - (long)TimeSpan.FromDays(1).TotalMilliseconds)
                break;
        }

        foreach (var file in tombstones)
            newest.TryAdd(file.Key, file);
        return [.. newest.Values];
    }

    private void Keep(HashSet<string> kept, string path, DeletionVectorDescriptor? vector)
    {
        kept.Add(VacuumListing.Canonical(table.Path, path));
        if (vector?.FilePath(table.Path) is { } file)
            kept.Add(VacuumListing.Canonical(table.Path, file));
    }

    private IEnumerable<string> Paths(RemoveFile file) =>
        file.DeletionVector?.FilePath(table.Path) is { } vector ? [file.Path, vector] : new[] { file.Path };

    /// <summary>One that cannot be deleted does not stop the others; all are told at the end.</summary>
    private async Task DeleteAsync(IReadOnlyList<VacuumFile> files, CancellationToken cancellationToken)
    {
        var faults = new List<Exception>();
        long done = 0;
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, request.Parallelism), CancellationToken = cancellationToken }, async (file, token) =>
        {
            try
            {
                await log.Store.DeleteAsync(TablePaths.Combine(table.Path, file.Path), token);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                lock (faults)
                    faults.Add(exception);
            }

            request.Progress?.Report(new OperationProgress("VACUUM", Interlocked.Increment(ref done), files.Count));
        });
        if (faults.Count > 0)
            throw new DeltaException(table.Path, string.Create(CultureInfo.InvariantCulture, $"vacuum deleted {files.Count - faults.Count} of {files.Count} files; {faults.Count} could not be deleted, the first because: {faults[0].Message}; the table is whole; run it again."), faults[0]);
    }

    private static int Delete(IReadOnlyList<string> folders)
    {
        var deleted = 0;
        foreach (var folder in folders)
        {
            try
            {
                // Only where it is still empty: it is not deleted with its content.
                Directory.Delete(folder);
                deleted++;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A writer has put a file there, or may: the folder stays.
            }
        }

        return deleted;
    }

    private static string Text(TimeSpan span) => span.TotalHours < 48
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.##} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.##} days");
}
