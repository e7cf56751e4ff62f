using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>What in a commit depends on the version it gets: its in-commit timestamp and the row ids of its files.</summary>
internal sealed class VersionStamp
{
    private readonly string _table;
    private readonly bool _timestamps;
    private readonly bool _enablesTimestamps;
    private readonly bool _rowIds;
    private IReadOnlyList<int>? _withoutRowIds;
    private long _previousTimestamp;
    private long _highWaterMark;

    public VersionStamp(string table, Snapshot? snapshot, ProtocolAction protocol, IReadOnlyDictionary<string, string?> configuration)
    {
        _table = table;
        _timestamps = TableProperties.IsTrue(configuration, TableProperties.InCommitTimestamps);
        _enablesTimestamps = _timestamps && snapshot is not null && !TableProperties.IsTrue(snapshot.Configuration, TableProperties.InCommitTimestamps);
        _rowIds = RowTracking.Assigns(protocol, configuration);
        _previousTimestamp = snapshot?.Timestamp ?? long.MinValue;
        _highWaterMark = RowIds.HighWaterMark(table, snapshot?.Domains.GetValueOrDefault(RowIds.Domain));
    }

    /// <summary>True where the content of the commit is the same at any version.</summary>
    public bool IsConstant => !_timestamps && !_rowIds;

    /// <summary>Takes note of a commit that won the version this one had tried.</summary>
    public void Follow(LogCommit winner, long fileTime)
    {
        _previousTimestamp = Math.Max(_previousTimestamp, winner.Info?.InCommitTimestamp ?? fileTime);
        if (winner.Domains.Find(item => item.Domain == RowIds.Domain) is { } domain)
            _highWaterMark = RowIds.HighWaterMark(_table, domain.Configuration);
    }

    public void Apply(LogCommit commit, long version, long now)
    {
        if (_rowIds)
            RowIds.Assign(_table, commit, _withoutRowIds ??= RowIds.Without(commit), _highWaterMark, version);
        if (!_timestamps)
            return;
        var timestamp = _previousTimestamp >= now ? _previousTimestamp + 1 : now;
        commit.Info = commit.Info! with { InCommitTimestamp = timestamp };
        if (_enablesTimestamps && commit.Metadata is { } metadata)
        {
            commit.Metadata = metadata with
            {
                Configuration = new Dictionary<string, string?>(metadata.Configuration, StringComparer.Ordinal)
                {
                    [TableProperties.InCommitTimestampVersion] = version.ToString(CultureInfo.InvariantCulture),
                    [TableProperties.InCommitTimestampTime] = timestamp.ToString(CultureInfo.InvariantCulture),
                },
            };
        }
    }
}
