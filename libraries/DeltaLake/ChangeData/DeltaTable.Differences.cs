namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    /// <summary>
    /// Files with the rows that came after <paramref name="afterVersion"/> up to the snapshot: what an incremental reader reads; all files
    /// for a version below 0. See <see cref="FileDifference.Added"/>.
    /// </summary>
    public async Task<IReadOnlyList<AddFile>> GetAddedFilesAsync(Snapshot snapshot, long afterVersion, CancellationToken cancellationToken)
    {
        if (afterVersion < 0)
            return snapshot.Files;
        if (await AddedInMemoryAsync(snapshot, afterVersion, cancellationToken) is { } known)
            return known;
        return [.. (await ReplayAsync(snapshot, afterVersion, cancellationToken)).Added];
    }

    /// <summary>In which files a snapshot differs from an earlier one of the same table.</summary>
    public async Task<FileDifference> GetDifferenceAsync(Snapshot before, Snapshot after, CancellationToken cancellationToken)
    {
        var replay = await ReplayAsync(after, before.Version, cancellationToken);
        return new FileDifference([.. replay.Added], [.. before.Files.Where(file => replay.Removed.Contains(file.Key))]);
    }

    /// <summary>Null where the log must be read: the snapshot does not know, or rows were rearranged since.</summary>
    private async Task<IReadOnlyList<AddFile>?> AddedInMemoryAsync(Snapshot snapshot, long afterVersion, CancellationToken cancellationToken)
    {
        if (snapshot.AddedIn is not { } addedIn || afterVersion < await KnownSinceAsync(snapshot, cancellationToken))
            return null;
        List<AddFile> added = [];
        for (var i = 0; i < snapshot.Files.Count; i++)
        {
            if (addedIn[i] <= afterVersion)
                continue;
            if (!snapshot.Files[i].DataChange)
                return null;
            added.Add(snapshot.Files[i]);
        }

        return added;
    }

    private async Task<FileReplay> ReplayAsync(Snapshot snapshot, long afterVersion, CancellationToken cancellationToken)
    {
        var replay = new FileReplay();
        for (var version = afterVersion + 1; version <= snapshot.Version; version++)
        {
            if (await _log.ReadCommitAsync(version, cancellationToken) is not { } read)
                throw new DeltaException(Path, $"changes after version {afterVersion} are gone: commit {version} was cleaned up; expected it within the log's retention; read the whole table instead.");
            replay.Apply(read.Commit);
        }

        return replay;
    }

    /// <summary>Oldest version after which the snapshot knows when each file was added.</summary>
    private async Task<long> KnownSinceAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return ReferenceEquals(snapshot, _snapshot) ? _state!.KnownSince : long.MaxValue;
        }
        finally
        {
            _gate.Release();
        }
    }
}
