namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    /// <summary>The newest commits, newest first, as far back as the log reaches.</summary>
    public Task<IReadOnlyList<CommitSummary>> GetHistoryAsync(int limit, CancellationToken cancellationToken) => GetHistoryAsync(long.MaxValue, limit, cancellationToken);

    /// <summary>A page of the history: commits before the version <paramref name="before"/>, newest first, as far back as the log reaches.</summary>
    public async Task<IReadOnlyList<CommitSummary>> GetHistoryAsync(long before, int limit, CancellationToken cancellationToken)
    {
        List<CommitSummary> result = [];
        if (await GetSnapshotAsync(null, cancellationToken) is not { } snapshot)
            return result;
        var times = await GetCommitTimesAsync(snapshot, cancellationToken);
        for (var version = Math.Min(before - 1, snapshot.Version); version >= 0 && result.Count < limit; version--)
        {
            if (await _log.ReadCommitAsync(version, cancellationToken) is not { } read)
                break;
            result.Add(CommitSummary.From(version, read.Commit, await times.OfAsync(version, cancellationToken) ?? read.FileTime));
        }

        return result;
    }

    /// <summary>
    /// The versions that time travel reaches, and when they were committed (milliseconds since 1970-01-01T00:00:00Z; null where only a
    /// checkpoint tells of the oldest); null where the table does not exist.
    /// </summary>
    public async Task<VersionRange?> GetVersionRangeAsync(CancellationToken cancellationToken)
    {
        if (await GetSnapshotAsync(null, cancellationToken) is not { } newest)
            return null;
        var oldest = (await _log.ListAsync(cancellationToken)).FirstReadable();
        return oldest < 0 ? new VersionRange(newest.Version, newest.Timestamp, newest.Version, newest.Timestamp) : new VersionRange(oldest, await (await GetCommitTimesAsync(newest, cancellationToken)).OfAsync(oldest, cancellationToken), newest.Version, newest.Timestamp);
    }
}

/// <summary>The oldest and the newest version that can be read.</summary>
public sealed record VersionRange(long Oldest, long? OldestTimestamp, long Newest, long NewestTimestamp);
