using System.Collections.Concurrent;
using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Puts the files and the metadata of an earlier version in the place of those of the newest. Recorded applications (<c>txn</c>) stay:
/// what they wrote since is undone, and they do not write it again.
/// </summary>
internal sealed class RestoreOperation(DeltaTable table, DeltaTableOptions options, TimeProvider time, RestoreRequest request)
{
    private const int NamedFiles = 5;
    private const int QuestionsAtOnce = 16;

    public async Task<RestorePreview> PreviewAsync(CancellationToken cancellationToken)
    {
        var (now, then) = await SnapshotsAsync(cancellationToken);
        return await CompareAsync(now, then, cancellationToken);
    }

    public async Task<OperationResult> RunAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var (now, then) = await SnapshotsAsync(cancellationToken);
            if (request.Application is { } application && now.Transactions.TryGetValue(application.AppId, out var done) && done >= application.Version)
                return OperationResult.Nothing;
            var changes = await CompareAsync(now, then, cancellationToken);
            if (changes.Missing.Count > 0 && !request.IgnoreMissingFiles)
                throw Gone(changes);
            if (changes.IsEmpty)
                return OperationResult.Nothing;
            var (transaction, metrics) = Begin(now, then, changes with { Restored = await WithRowIdsAsync(now, changes.Restored, cancellationToken) });
            transaction.SetMetric("executionTimeMs", (long)time.GetElapsedTime(started).TotalMilliseconds);
            switch (await transaction.CommitAsync("RESTORE", Parameters(), cancellationToken))
            {
                case CommitResult.Committed committed:
                    return new OperationResult(committed.Version, metrics);
                case CommitResult.Conflict conflict when attempt >= options.MaxOperationAttempts:
                    throw new DeltaConflictException(table.Path, "RESTORE", conflict);
                default:
                    break;
            }
        }
    }

    private async Task<(Snapshot Now, Snapshot Then)> SnapshotsAsync(CancellationToken cancellationToken)
    {
        if (request.Version is null == request.Timestamp is null)
            throw new DeltaException(table.Path, $"a restore was asked for with {(request.Version is null ? "neither version nor timestamp" : "both version and timestamp")}; expected one of them.");
        var now = await table.RequireSnapshotAsync(null, cancellationToken);
        var then = request.Timestamp is { } timestamp ? await table.GetSnapshotAsync(timestamp, cancellationToken) : await table.GetSnapshotAsync(request.Version, cancellationToken);
        return (now, then!);
    }

    private async Task<RestorePreview> CompareAsync(Snapshot now, Snapshot then, CancellationToken cancellationToken)
    {
        var live = now.Files.Select(file => file.Key).ToHashSet();
        var wanted = then.Files.Select(file => file.Key).ToHashSet();
        var restored = then.Files.Where(file => !live.Contains(file.Key)).ToList();
        var missing = await MissingAsync(restored.SelectMany(Paths).Distinct(StringComparer.Ordinal), cancellationToken);
        if (request.IgnoreMissingFiles && missing.Count > 0)
        {
            var gone = missing.ToHashSet(StringComparer.Ordinal);
            restored.RemoveAll(file => Paths(file).Any(gone.Contains));
        }

        var removed = now.Files.Where(file => !wanted.Contains(file.Key)).ToList();
        return new RestorePreview(now.Version, then.Version, now.RowCount, RowsAfter(now, restored, removed), restored, removed, missing, RestoredMetadata.Changes(now, then));
    }

    private async Task<List<string>> MissingAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var missing = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(paths, new ParallelOptions { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = cancellationToken }, async (path, token) =>
        {
            if (!await options.Store.ExistsAsync(TablePaths.Combine(table.Path, path), token))
                missing.Add(path);
        });
        return [.. missing.Order(StringComparer.Ordinal)];
    }

    private (DeltaTransaction Transaction, IReadOnlyDictionary<string, long> Metrics) Begin(Snapshot now, Snapshot then, RestorePreview changes)
    {
        var transaction = table.BeginTransaction(now).DependsOnSnapshot().KeepsRowIds();
        foreach (var file in changes.Removed)
            transaction.Remove(file);
        foreach (var file in changes.Restored)
            transaction.Add(file with { DataChange = true });
        if (changes.MetadataChanges.Count > 0)
            RestoredMetadata.Apply(transaction, now, then);
        var metrics = new Dictionary<string, long>
        {
            ["tableSizeAfterRestore"] = now.Files.Sum(file => file.Size) - changes.Removed.Sum(file => file.Size) + changes.Restored.Sum(file => file.Size),
            ["numOfFilesAfterRestore"] = now.Files.Count - changes.Removed.Count + changes.Restored.Count,
            ["numRemovedFiles"] = changes.Removed.Count,
            ["numRestoredFiles"] = changes.Restored.Count,
            ["removedFilesSize"] = changes.Removed.Sum(file => file.Size),
            ["restoredFilesSize"] = changes.Restored.Sum(file => file.Size),
        };
        foreach (var (name, value) in metrics)
            transaction.SetMetric(name, value);
        if (request.UserMetadata is not null)
            transaction.SetUserMetadata(request.UserMetadata);
        if (request.Application is { } application)
            transaction.SetTransaction(application.AppId, application.Version);
        return (transaction, metrics);
    }

    /// <summary>A file that got its row ids after the version that is restored keeps them: they are those of the last add of its path.</summary>
    private async Task<IReadOnlyList<AddFile>> WithRowIdsAsync(Snapshot now, IReadOnlyList<AddFile> restored, CancellationToken cancellationToken)
    {
        if (!Features.IsOn(now.Protocol, RowTracking.Feature) || restored.All(file => file.BaseRowId is not null))
            return restored;
        var known = new Dictionary<string, (long BaseRowId, long? Version)>(StringComparer.Ordinal);
        if (await table.GetTombstonesAsync(cancellationToken) is var (_, tombstones))
        {
            foreach (var file in tombstones.Where(file => file.BaseRowId is not null))
                known[file.Path] = (file.BaseRowId!.Value, file.DefaultRowCommitVersion);
        }

        foreach (var file in now.Files.Where(file => file.BaseRowId is not null))
            known[file.Path] = (file.BaseRowId!.Value, file.DefaultRowCommitVersion);
        return [.. restored.Select(file => file.BaseRowId is null && known.TryGetValue(file.Path, out var own) ? file with { BaseRowId = own.BaseRowId, DefaultRowCommitVersion = own.Version } : file)];
    }

    private Dictionary<string, string> Parameters()
    {
        var parameters = new Dictionary<string, string>();
        if (request.Version is { } version)
            parameters["version"] = version.ToString(CultureInfo.InvariantCulture);
        if (request.Timestamp is { } timestamp)
            parameters["timestamp"] = timestamp.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return parameters;
    }

    private IEnumerable<string> Paths(AddFile file) =>
        file.DeletionVector?.FilePath(table.Path) is { } vector ? [file.Path, vector] : new[] { file.Path };

    private static long RowsAfter(Snapshot now, List<AddFile> restored, List<AddFile> removed) =>
        now.RowCount < 0 || restored.Exists(file => file.LiveRecords < 0) ? -1 : now.RowCount + restored.Sum(file => file.LiveRecords) - removed.Sum(file => file.LiveRecords);

    private DeltaException Gone(RestorePreview changes) => new(table.Path, string.Create(
        CultureInfo.InvariantCulture,
        $"version {changes.ToVersion} cannot be restored: {changes.Missing.Count} of its files are gone ({string.Join(", ", changes.Missing.Take(NamedFiles))}{(changes.Missing.Count > NamedFiles ? ", …" : "")}), mostly by a vacuum; expected all of them; restore a later version, bring the files back, or ignore missing files and lose their rows."));
}
