using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Actions that become one commit. Not thread-safe.</summary>
public sealed class DeltaTransaction
{
    private readonly DeltaTable _table;
    private readonly LogFolder _log;
    private readonly DeltaTableOptions _options;
    private readonly TimeProvider _time;
    private readonly Snapshot? _snapshot;
    private readonly LogCommit _commit = new();
    private bool _readsTable;
    private bool _done;

    internal DeltaTransaction(DeltaTable table, LogFolder log, DeltaTableOptions options, TimeProvider time, Snapshot? snapshot)
    {
        _table = table;
        _log = log;
        _options = options;
        _time = time;
        _snapshot = snapshot;
        if (snapshot?.Metadata is { } metadata)
            Features.CheckWrite(table.Path, snapshot.Protocol, metadata);
    }

    /// <summary>Sets schema and partitioning: creates the table, or replaces its metadata.</summary>
    public DeltaTransaction SetMetadata(RowSchema schema, IReadOnlyList<string> partitionColumns, string? name) =>
        SetMetadata(FlatRows.ToStruct(schema), partitionColumns, name);

    /// <summary>Sets schema and partitioning: creates the table, or replaces its metadata.</summary>
    public DeltaTransaction SetMetadata(StructType schema, IReadOnlyList<string> partitionColumns, string? name)
    {
        SchemaRules.Check(_table.Path, schema, partitionColumns, columnMapping: false);
        var old = _snapshot?.Metadata;
        var configuration = old?.Configuration ?? NewConfiguration();
        _commit.Metadata = new MetadataAction(
            old?.Id ?? _options.NewId().ToString(),
            name ?? old?.Name,
            old?.Description,
            SchemaJson.Write(schema),
            partitionColumns,
            configuration,
            old?.CreatedTime ?? Now());
        return this;
    }

    public DeltaTransaction Add(AddFile file)
    {
        _commit.Adds.Add(file);
        return this;
    }

    public DeltaTransaction Remove(AddFile file)
    {
        if (file.DataChange && _snapshot?.Metadata is { } metadata && Features.IsAppendOnly(metadata))
            throw new DeltaException(_table.Path, $"file '{file.Path}' may not be removed: the table has delta.appendOnly=true; expected only appends; unset the property first.");
        _commit.Removes.Add(new RemoveFile(file.Path, Now(), true, file.PartitionValues, file.Size)
        {
            DeletionVector = file.DeletionVector,
            BaseRowId = file.BaseRowId,
            DefaultRowCommitVersion = file.DefaultRowCommitVersion,
        });
        return this;
    }

    /// <summary>Records the application's version in the same commit. A winner that advanced the same application is a conflict.</summary>
    public DeltaTransaction SetTransaction(string appId, long version)
    {
        var at = _commit.Transactions.FindIndex(item => item.AppId == appId);
        var item = new TransactionId(appId, version, Now());
        if (at < 0)
            _commit.Transactions.Add(item);
        else
            _commit.Transactions[at] = item;
        return this;
    }

    /// <summary>
    /// Says that the added rows depend on what the snapshot holds (such as a merge that found no match), so that a concurrent
    /// append is a conflict. Commits that remove files are treated so anyway.
    /// </summary>
    public DeltaTransaction DependsOnSnapshot()
    {
        _readsTable = true;
        return this;
    }

    /// <summary>
    /// Puts the commit file if absent, after flushing what it refers to. A blind append that lost the race to commits which only
    /// added files or advanced other applications is rebased here; any other lost race is a <see cref="CommitResult.Conflict"/>.
    /// </summary>
    public async Task<CommitResult> CommitAsync(string operation, IReadOnlyDictionary<string, string> operationParameters, CancellationToken cancellationToken)
    {
        if (_done)
            throw new InvalidOperationException("this transaction was committed already; begin another.");
        if (_snapshot is null && _commit.Metadata is null)
            throw new DeltaException(_table.Path, "does not exist; expected SetMetadata in the transaction that creates it.");
        if (_snapshot is null)
            _commit.Protocol = ProtocolAction.Default;
        var blind = !_readsTable && _commit.Removes.Count == 0 && _commit.Metadata is null;
        _commit.Info = Info(operation, operationParameters, blind);
        var content = ActionWriter.Write(_commit);
        Directory.CreateDirectory(_log.Path);
        FlushFolders();
        var version = (_snapshot?.Version ?? -1) + 1;
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (DurableFiles.PutIfAbsent(_log.CommitPath(version), _log.TemporaryPath(_options.NewId()), content.Span))
                break;
            if (_snapshot is null)
                return new CommitResult.Conflict(version, "another writer created the table");
            // Nothing of the commit depends on its version (the read version stays the snapshot's), so a rebase only moves it.
            while (await _log.ReadCommitAsync(version, cancellationToken) is { } winner)
            {
                if (ConflictCheck.Find(_commit, blind, winner.Commit) is { } reason)
                    return new CommitResult.Conflict(version, reason);
                version++;
            }

            if (attempt >= _options.MaxCommitAttempts)
                return new CommitResult.Conflict(version - 1, $"lost the race {attempt} times");
        }

        _done = true;
        await _table.CheckpointIfDueAsync(version, Interval(), CancellationToken.None);
        return new CommitResult.Committed(version);
    }

    private CommitInfo Info(string operation, IReadOnlyDictionary<string, string> parameters, bool blind) => new()
    {
        Timestamp = Now(),
        Operation = operation,
        OperationParameters = parameters,
        ReadVersion = _snapshot?.Version,
        IsBlindAppend = blind,
        EngineInfo = _options.EngineInfo,
        TxnId = _options.NewId().ToString(),
        OperationMetrics = new Dictionary<string, string>
        {
            ["numFiles"] = _commit.Adds.Count.ToString(CultureInfo.InvariantCulture),
            ["numRemovedFiles"] = _commit.Removes.Count.ToString(CultureInfo.InvariantCulture),
            ["numOutputRows"] = _commit.Adds.Sum(file => Math.Max(0, file.NumRecords)).ToString(CultureInfo.InvariantCulture),
            ["numOutputBytes"] = _commit.Adds.Sum(file => file.Size).ToString(CultureInfo.InvariantCulture),
        },
    };

    private Dictionary<string, string?> NewConfiguration() => _options.CheckpointInterval == 10
        ? []
        : new() { ["delta.checkpointInterval"] = _options.CheckpointInterval.ToString(CultureInfo.InvariantCulture) };

    private long Interval() =>
        (_snapshot?.Configuration.TryGetValue("delta.checkpointInterval", out var text) ?? false) && long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var interval)
            ? interval
            : _options.CheckpointInterval;

    /// <summary>The entries of the data files and of the log folder itself must be durable before the commit that names them.</summary>
    private void FlushFolders()
    {
        if (_snapshot is null)
            DurableFiles.FlushFolder(Path.GetDirectoryName(_table.Path)!);
        var flushed = new HashSet<string>(StringComparer.Ordinal) { _table.Path };
        DurableFiles.FlushFolder(_table.Path);
        foreach (var file in _commit.Adds)
        {
            // Every folder on the way down may be new.
            for (var folder = Path.GetDirectoryName(Path.Combine(_table.Path, file.Path))!; folder.StartsWith(_table.Path, StringComparison.Ordinal) && flushed.Add(folder); folder = Path.GetDirectoryName(folder)!)
                DurableFiles.FlushFolder(folder);
        }
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
