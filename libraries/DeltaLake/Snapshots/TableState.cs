using System.Collections.Immutable;

namespace RealTimeMesh.DeltaLake;

/// <summary>The log replayed up to a version. Not thread-safe.</summary>
internal sealed class TableState(string table, ITableStore store)
{
    private readonly LiveFiles _files = new();
    private readonly Dictionary<FileKey, RemoveFile> _tombstones = [];
    private readonly Dictionary<string, long?> _lastUpdated = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, long> _transactions = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);
    private ImmutableDictionary<string, string> _domains = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);
    private ProtocolAction? _protocol;
    private MetadataAction? _metadata;
    private StructType? _schema;
    private long _timestamp;

    public long Version { get; private set; } = -1;

    /// <summary>The version after which it is known when each file was added: that of the checkpoint the replay began at, or -1.</summary>
    public long KnownSince { get; private set; } = -1;

    /// <summary>Time of the file of the newest commit, or of the checkpoint where the log no longer has that.</summary>
    public long FileTime { get; private set; }

    /// <summary>True where the newest thing read is a checkpoint, so that the time of the version stands elsewhere.</summary>
    public bool IsAtCheckpoint { get; private set; }

    public bool IsComplete => _protocol is not null && _metadata is not null;

    public bool UsesInCommitTimestamps => _metadata is not null && LogProperties.UsesInCommitTimestamps(_metadata.Configuration);

    public IEnumerable<RemoveFile> Tombstones => _tombstones.Values;

    public LiveFiles Files => _files;

    public ProtocolAction? Protocol => _protocol;

    public MetadataAction? Metadata => _metadata;

    /// <summary>The <c>commitInfo</c> of the version, where it was read as a commit.</summary>
    public CommitInfo? LastCommit { get; private set; }

    public IEnumerable<TransactionId> Transactions => _transactions.Select(item => new TransactionId(item.Key, item.Value, _lastUpdated.GetValueOrDefault(item.Key))).OrderBy(item => item.AppId, StringComparer.Ordinal);

    public IEnumerable<DomainMetadata> Domains => _domains.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => new DomainMetadata(item.Key, item.Value, false));

    public int TransactionCount => _transactions.Count;

    public int DomainCount => _domains.Count;

    public void Apply(long version, LogCommit commit, long fileTime)
    {
        Merge(commit, version);
        Version = version;
        LastCommit = commit.Info;
        IsAtCheckpoint = false;
        FileTime = fileTime;
        _timestamp = (UsesInCommitTimestamps ? commit.Info?.InCommitTimestamp : null) ?? fileTime;
    }

    /// <summary>Begins at a checkpoint.</summary>
    public void ApplyCheckpoint(long version, IEnumerable<LogCommit> parts, long fileTime)
    {
        foreach (var part in parts)
            Merge(part, -1);
        (Version, KnownSince, IsAtCheckpoint, LastCommit, FileTime, _timestamp) = (version, version, true, null, fileTime, fileTime);
    }

    /// <summary>Applies what the commits up to a version come to. Its time is not known; a commit must follow.</summary>
    public void ApplyCompaction(long version, LogCommit compacted)
    {
        Merge(compacted, -1);
        (Version, KnownSince, IsAtCheckpoint, LastCommit) = (version, version, true, null);
    }

    public void SetTimestamp(long milliseconds) => _timestamp = milliseconds;

    /// <summary>The version as a snapshot. Whether it may be read is decided here and not on the way: what a later commit took away does not matter.</summary>
    public Snapshot ToSnapshot()
    {
        if (_protocol is null || _metadata is null)
            throw new DeltaException(table, $"version {Version} has no {(_protocol is null ? "protocol" : "metaData")} action; expected both in version 0 or a checkpoint; restore the log.");
        Features.CheckRead(table, _protocol);
        var (files, addedIn) = _files.Share();
        return new Snapshot
        {
            Table = table,
            Store = store,
            Version = Version,
            Schema = _schema ??= ReadableSchema.Of(table, _metadata),
            PartitionColumns = _metadata.PartitionColumns,
            Files = files,
            AddedIn = addedIn,
            Transactions = _transactions,
            Domains = _domains,
            Timestamp = _timestamp,
            Name = _metadata.Name,
            Configuration = _metadata.Configuration,
            Protocol = _protocol,
            Metadata = _metadata,
            RowCount = _files.Rows,
        };
    }

    /// <summary>Forgets tombstones that no reader may need any more.</summary>
    public void ExpireTombstones(long olderThan)
    {
        foreach (var item in _tombstones.Values.Where(item => item.DeletionTimestamp < olderThan).ToList())
            _tombstones.Remove(item.Key);
    }

    private void Merge(LogCommit commit, long version)
    {
        _protocol = commit.Protocol ?? _protocol;
        if (commit.Metadata is { } metadata)
            (_metadata, _schema) = (metadata, null);
        foreach (var item in commit.Transactions)
        {
            _transactions = _transactions.SetItem(item.AppId, item.Version);
            _lastUpdated[item.AppId] = item.LastUpdated;
        }

        foreach (var item in commit.Domains)
            _domains = item.Removed ? _domains.Remove(item.Domain) : _domains.SetItem(item.Domain, item.Configuration);
        foreach (var remove in commit.Removes)
        {
            _tombstones[remove.Key] = remove;
            _files.Remove(remove.Key);
        }

        _files.Expect(commit.Adds.Count);
        foreach (var file in commit.Adds)
        {
            _tombstones.Remove(file.Key);
            _files.Add(file, version);
        }
    }
}
