using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// When each version was committed (PROTOCOL.md, "In-Commit Timestamps"): by the timestamp in the commit from the version on that
/// enabled them, by the time of the file before. File times are made to rise from version to version, whatever clock wrote them.
/// </summary>
internal sealed class CommitTimes(LogFolder log, LogListing listing, IReadOnlyDictionary<string, string?> properties)
{
    private readonly long _inCommitSince = LogProperties.InCommitTimestampsSince(properties) ?? long.MaxValue;
    private Dictionary<long, long>? _fileTimes;

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z; null where the log has no commit of the version.</summary>
    public async Task<long?> OfAsync(long version, CancellationToken cancellationToken)
    {
        if (version < _inCommitSince)
            return (await FileTimesAsync(cancellationToken)).TryGetValue(version, out var time) ? time : null;
        if (!listing.HasCommit(version))
            return null;
        return await log.ReadInCommitTimestampAsync(version, cancellationToken)
            ?? throw new DeltaException(log.Table, $"commit {version} has no inCommitTimestamp; expected one since version {_inCommitSince}, which enabled delta.enableInCommitTimestamps; restore the file.");
    }

    /// <summary>The newest version at a time. Throws where the log does not reach back so far, or where the time is after <paramref name="now"/>.</summary>
    public async Task<long> VersionAtAsync(long time, long now, CancellationToken cancellationToken)
    {
        var first = listing.FirstReadable();
        var last = listing.LastVersion;
        if (first < 0)
            throw new DeltaException(log.Table, "no version can be read: the log has a gap and no checkpoint after it; restore the log.");
        if (!listing.HasCommit(first) && first < last)
            first++;
        if (time > now && await OfAsync(last, cancellationToken) is { } newest && time > newest)
            throw new DeltaException(log.Table, $"the time {Text(time)} is still to come; the newest version is {last}, of {Text(newest)}; ask for a time up to now.");
        // Times rise with versions in each of the two parts of a log, and only there: in-commit timestamps by the protocol, file times by
        // adjustment. The protocol asks for the part with timestamps whenever the time is not before it.
        if (_inCommitSince > first && _inCommitSince <= last)
        {
            if (await OfAsync(_inCommitSince, cancellationToken) is { } boundary && time >= boundary)
                first = _inCommitSince;
            else
                last = _inCommitSince - 1;
        }

        if (await OfAsync(first, cancellationToken) is { } oldest && time < oldest)
            throw new DeltaException(log.Table, $"the time {Text(time)} is before the oldest version that can be read, {first} of {Text(oldest)}; ask for that or a later one.");
        while (first < last)
        {
            var middle = first + ((last - first + 1) / 2);
            if (await OfAsync(middle, cancellationToken) is { } at && at <= time)
                first = middle;
            else
                last = middle - 1;
        }

        return first;
    }

    private static string Text(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private async Task<Dictionary<long, long>> FileTimesAsync(CancellationToken cancellationToken)
    {
        if (_fileTimes is not null)
            return _fileTimes;
        var times = new Dictionary<long, long>();
        var last = long.MinValue;
        foreach (var version in listing.Commits)
        {
            if (version >= _inCommitSince)
                break;
            if (listing.TimeOf(version) is not { } time)
            {
                // Cleaned up since it was listed.
                if (await log.Store.DescribeAsync(log.CommitPath(version), cancellationToken) is not var (_, found))
                    continue;
                time = found;
            }

            last = Math.Max(time, last == long.MinValue ? last : last + 1);
            times[version] = last;
        }

        return _fileTimes = times;
    }
}
