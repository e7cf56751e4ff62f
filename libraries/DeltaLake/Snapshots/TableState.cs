using System.Collections.Immutable;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// The log replayed up to a version. Appends only lengthen the arrays that snapshots look at, so a snapshot after an append costs
/// nothing in the number of files; a removal copies them. Not thread-safe.
/// </summary>
internal sealed class TableState(string table)
{
    private readonly Dictionary<FileKey, int> _index = [];
    private readonly Dictionary<FileKey, RemoveFile> _tombstones = [];
    private readonly Dictionary<string, long?> _lastUpdated = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, long> _transactions = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);
    private AddFile[] _files = [];
    private long[] _addedIn = [];
    private int _count;
    private long _rows;
    private int _filesWithoutRows;
    private ProtocolAction? _protocol;
    private MetadataAction? _metadata;
    private StructType? _schema;
    private ImmutableDictionary<string, string> _domains = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);
    private long _timestamp;

    public long Version { get; private set; } = -1;

    /// <summary>Version of the checkpoint the replay began at, or -1.</summary>
    public long CheckpointVersion { get; private set; } = -1;

    public IEnumerable<RemoveFile> Tombstones => _tombstones.Values;

    public IEnumerable<TransactionId> Transactions => _transactions.Select(item => new TransactionId(item.Key, item.Value, _lastUpdated.GetValueOrDefault(item.Key)));

    public void Apply(long version, LogCommit commit, long fileTime, bool isCheckpoint)
    {
        if (commit.Protocol is { } protocol)
        {
            Features.CheckRead(table, protocol);
            _protocol = protocol;
        }

        if (commit.Metadata is { } metadata)
        {
            _metadata = metadata;
            _schema = ReadableSchema.Of(table, metadata);
        }

        foreach (var item in commit.Transactions)
        {
            _transactions = _transactions.SetItem(item.AppId, item.Version);
            _lastUpdated[item.AppId] = item.LastUpdated;
        }

        foreach (var item in commit.Domains)
            _domains = item.Removed ? _domains.Remove(item.Domain) : _domains.SetItem(item.Domain, item.Configuration);
        Remove(commit.Removes);
        foreach (var file in commit.Adds)
            Add(file, isCheckpoint ? -1 : version);
        Version = version;
        _timestamp = commit.Info?.InCommitTimestamp ?? commit.Info?.Timestamp ?? fileTime;
        if (isCheckpoint)
            CheckpointVersion = version;
    }

    public Snapshot ToSnapshot()
    {
        if (_protocol is null || _metadata is null)
            throw new DeltaException(table, $"version {Version} has no {(_protocol is null ? "protocol" : "metaData")} action; expected both in version 0 or a checkpoint; restore the log.");
        return new Snapshot
        {
            Table = table,
            Version = Version,
            Schema = _schema!,
            PartitionColumns = _metadata.PartitionColumns,
            Files = new ArraySegment<AddFile>(_files, 0, _count),
            AddedIn = new ArraySegment<long>(_addedIn, 0, _count),
            Transactions = _transactions,
            Domains = _domains,
            Timestamp = _timestamp,
            Name = _metadata.Name,
            Configuration = _metadata.Configuration,
            Protocol = _protocol,
            Metadata = _metadata,
            RowCount = _filesWithoutRows > 0 ? -1 : _rows,
        };
    }

    /// <summary>Forgets tombstones that no reader may need any more.</summary>
    public void ExpireTombstones(long olderThan)
    {
        foreach (var item in _tombstones.Values.Where(item => item.DeletionTimestamp < olderThan).ToList())
            _tombstones.Remove(item.Key);
    }

    private void Add(AddFile file, long version)
    {
        _tombstones.Remove(file.Key);
        if (_index.TryGetValue(file.Key, out var at))
        {
            _files = [.. _files.AsSpan(0, _count)];
            _addedIn = [.. _addedIn.AsSpan(0, _count)];
            Count(_files[at], -1);
            _files[at] = file;
            _addedIn[at] = version;
            Count(file, 1);
            return;
        }

        if (_count == _files.Length)
        {
            // New arrays: snapshots keep the old ones.
            Array.Resize(ref _files, Math.Max(16, _count * 2));
            Array.Resize(ref _addedIn, _files.Length);
        }

        _files[_count] = file;
        _addedIn[_count] = version;
        _index[file.Key] = _count++;
        Count(file, 1);
    }

    private void Remove(List<RemoveFile> removes)
    {
        if (removes.Count == 0)
            return;
        var gone = new HashSet<int>();
        foreach (var remove in removes)
        {
            _tombstones[remove.Key] = remove;
            if (_index.TryGetValue(remove.Key, out var at))
                gone.Add(at);
        }

        if (gone.Count == 0)
            return;
        var files = new AddFile[Math.Max(16, _count)];
        var addedIn = new long[files.Length];
        var kept = 0;
        _index.Clear();
        for (var i = 0; i < _count; i++)
        {
            if (gone.Contains(i))
            {
                Count(_files[i], -1);
                continue;
            }

            files[kept] = _files[i];
            addedIn[kept] = _addedIn[i];
            _index[files[kept].Key] = kept++;
        }

        (_files, _addedIn, _count) = (files, addedIn, kept);
    }

    private void Count(AddFile file, int sign)
    {
        if (file.LiveRecords < 0)
            _filesWithoutRows += sign;
        else
            _rows += sign * file.LiveRecords;
    }
}
