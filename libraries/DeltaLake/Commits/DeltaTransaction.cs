using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Actions that become one commit, together with what they were derived from. Not thread-safe.</summary>
public sealed class DeltaTransaction
{
    private static readonly Dictionary<string, IdentityRange> s_noNumbers = [];

    private readonly DeltaTable _table;
    private readonly LogFolder _log;
    private readonly DeltaTableOptions _options;
    private readonly TimeProvider _time;
    private readonly Snapshot? _snapshot;
    private readonly LogCommit _commit = new();
    private readonly ReadSet _read = new();
    private readonly Dictionary<string, string> _metrics = new(StringComparer.Ordinal);
    private MetadataDraft? _metadata;
    private string? _userMetadata;
    private bool _done;
    private bool _keepsRowIds;

    internal DeltaTransaction(DeltaTable table, LogFolder log, DeltaTableOptions options, TimeProvider time, Snapshot? snapshot)
    {
        _table = table;
        _log = log;
        _options = options;
        _time = time;
        _snapshot = snapshot;
        if (snapshot is not null)
            Features.CheckWrite(snapshot);
    }

    /// <summary>Sets schema and partitioning: creates the table, or replaces its metadata.</summary>
    public DeltaTransaction SetMetadata(RowSchema schema, IReadOnlyList<string> partitionColumns, string? name) =>
        SetMetadata(FlatRows.ToStruct(schema), partitionColumns, name);

    /// <summary>Sets schema and partitioning: creates the table, or replaces its metadata.</summary>
    public DeltaTransaction SetMetadata(StructType schema, IReadOnlyList<string> partitionColumns, string? name)
    {
        SchemaRules.Check(_table.Path, schema, partitionColumns, columnMapping: true);
        Draft.Schema = Kept(schema);
        Draft.PartitionColumns = SchemaRules.Spelled(schema, partitionColumns);
        Draft.Name = name ?? Draft.Name;
        return this;
    }

    /// <summary>Sets what an earlier version had, to the last comment: nothing of the columns' metadata of now stays.</summary>
    internal DeltaTransaction SetMetadata(StructType schema, Snapshot then)
    {
        SchemaRules.Check(_table.Path, schema, then.PartitionColumns, columnMapping: true);
        Draft.Schema = schema;
        Draft.PartitionColumns = then.PartitionColumns;
        (Draft.Name, Draft.Description) = (then.Name, then.Metadata?.Description);
        return this;
    }

    /// <summary>Sets the schema only; see <see cref="SchemaEvolution"/> for changes of one.</summary>
    public DeltaTransaction SetSchema(StructType schema)
    {
        Draft.Schema = Kept(schema);
        return this;
    }

    /// <summary>Sets table properties such as <c>delta.appendOnly</c>; the protocol rises where one asks for a feature. Throws where Delta knows no such property or value.</summary>
    public DeltaTransaction SetProperties(IEnumerable<KeyValuePair<string, string?>> properties)
    {
        foreach (var (name, value) in properties)
            Draft.Set(name, value);
        return this;
    }

    /// <summary>Sets a CHECK constraint that the snapshot's rows are known to satisfy.</summary>
    internal DeltaTransaction SetConstraint(string name, string sql)
    {
        Draft.SetConstraint(name, sql);
        return DependsOnSnapshot();
    }

    /// <summary>Removes table properties; features of the protocol stay.</summary>
    public DeltaTransaction UnsetProperties(IEnumerable<string> names)
    {
        foreach (var name in names)
            Draft.Unset(name);
        return this;
    }

    /// <summary>Sets the table's description.</summary>
    public DeltaTransaction SetDescription(string? description)
    {
        Draft.Description = description;
        return this;
    }

    public DeltaTransaction Add(AddFile file)
    {
        foreach (var (column, range) in file.Identity ?? s_noNumbers)
            AdvanceIdentity(column, range);
        _commit.Adds.Add(file);
        return this;
    }

    /// <summary>
    /// Removes a file of the snapshot. With <paramref name="dataChange"/> false its rows stay in the table, rearranged into other files.
    /// Throws where the table allows only appends.
    /// </summary>
    public DeltaTransaction Remove(AddFile file, bool dataChange = true)
    {
        if (dataChange && _snapshot is not null && Features.IsAppendOnly(_snapshot))
            throw new DeltaException(_table.Path, $"file '{file.Path}' may not be removed: the table has delta.appendOnly=true; expected only appends; unset the property first.");
        _commit.Removes.Add(new RemoveFile(file.Path, Now(), dataChange, file.PartitionValues, file.Size)
        {
            DeletionVector = file.DeletionVector,
            BaseRowId = file.BaseRowId,
            DefaultRowCommitVersion = file.DefaultRowCommitVersion,
        });
        return this;
    }

    /// <summary>Adds a file of changed rows (change data feed).</summary>
    public DeltaTransaction AddChanges(CdcFile file)
    {
        _commit.Changes.Add(file);
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

    /// <summary>Sets the configuration of a domain, or with null removes it. A winner that set the same domain is a conflict.</summary>
    public DeltaTransaction SetDomain(string domain, string? configuration)
    {
        if (domain == RowIds.Domain)
            throw new DeltaException(_table.Path, $"domain {domain} was to be set; expected nobody to: the writer keeps it.");
        Draft.Set(TableProperties.FeaturePrefix + "domainMetadata", "supported");
        _commit.Domains.RemoveAll(item => item.Domain == domain);
        _commit.Domains.Add(new DomainMetadata(domain, configuration ?? _snapshot?.Domains.GetValueOrDefault(domain) ?? "", configuration is null));
        return this;
    }

    /// <summary>
    /// Says that the actions depend on all the snapshot holds (such as a merge that found no match), so that a concurrent
    /// append is a conflict. Commits that remove files and say nothing of what they read are treated so anyway.
    /// </summary>
    public DeltaTransaction DependsOnSnapshot()
    {
        _read.WholeTable = true;
        return this;
    }

    /// <summary>Says that the actions depend on the rows of files for which <paramref name="mayMatch"/> is true: only such files, added by a winner, are a conflict.</summary>
    public DeltaTransaction DependsOnFilesWhere(Func<AddFile, bool> mayMatch)
    {
        _read.Where(mayMatch);
        return this;
    }

    /// <summary>Says that the actions depend on these files: only their removal by a winner is a conflict.</summary>
    public DeltaTransaction DependsOnFiles(IEnumerable<AddFile> files)
    {
        foreach (var file in files)
            _read.File(file);
        return this;
    }

    /// <summary>Says that rows which the commit moves to other files keep their row ids there.</summary>
    internal DeltaTransaction KeepsRowIds()
    {
        _keepsRowIds = true;
        return this;
    }

    /// <summary>Says which numbers of an identity column new rows have; they must come after those of the snapshot.</summary>
    internal DeltaTransaction AdvanceIdentity(string physicalName, IdentityRange given)
    {
        if (_snapshot?.Schema.Fields.FirstOrDefault(field => field.PhysicalName == physicalName && IdentityColumn.Is(field)) is { } field
            && IdentityColumn.Of(_table.Path, field) is var column && !column.IsBeyond(given.First, column.HighWaterMark))
            throw new DeltaException(_table.Path, $"rows have numbers from {given.First} on in identity column '{field.Name}', which has given {column.HighWaterMark} since they were written; expected rows that were written for version {_snapshot.Version}; write them anew.");
        var step = (Draft.Schema?.Fields.FirstOrDefault(item => item.PhysicalName == physicalName) is { } counted ? IdentityColumn.Of(_table.Path, counted) : null)?.Step ?? 1;
        Draft.Advance(physicalName, given.Last, step > 0);
        return this;
    }

    /// <summary>Free text for the table's history.</summary>
    public DeltaTransaction SetUserMetadata(string? text)
    {
        _userMetadata = text;
        return this;
    }

    /// <summary>A figure for <c>commitInfo.operationMetrics</c>, by Spark's name for the operation; without any the numbers of files and rows are told.</summary>
    public DeltaTransaction SetMetric(string name, long value)
    {
        _metrics[name] = value.ToString(CultureInfo.InvariantCulture);
        return this;
    }

    /// <summary>
    /// Puts the commit file if absent, after flushing what it refers to. A commit that lost the race is moved behind the winners where
    /// Delta's conflict rules allow it for the table's isolation level; else the outcome is a <see cref="CommitResult.Conflict"/>.
    /// </summary>
    public async Task<CommitResult> CommitAsync(string operation, IReadOnlyDictionary<string, string> operationParameters, CancellationToken cancellationToken)
    {
        if (_done)
            throw new InvalidOperationException("this transaction was committed already; begin another.");
        var protocol = FinishMetadata();
        var configuration = _commit.Metadata?.Configuration ?? _snapshot!.Configuration;
        if (_snapshot is not null && RowTracking.IsEnabled(configuration) && !RowTracking.IsEnabled(_snapshot.Configuration))
            await RowIdBackfill.AddAsync(_snapshot, _commit, cancellationToken);
        RequireNumbers();
        var blind = _read.IsEmpty && _commit.Removes.Count == 0 && (_commit.Metadata is null || (_snapshot?.Metadata is { } before && _commit.Protocol is null && IdentityColumns.IsOnlyAdvance(_table.Path, before, _commit.Metadata)));
        var level = RearrangesOnly() ? IsolationLevel.SnapshotIsolation : TableProperties.IsolationOf(configuration);
        if (_commit.Removes.Count > 0 && _read.IsEmpty)
            _read.WholeTable = true;
        _commit.Info = Info(operation, operationParameters, blind, level) with { Tags = Tags(configuration) };
        var files = _commit.Adds.Select(file => file.Path).Concat(_commit.Changes.Select(file => file.Path)).Select(path => TablePaths.Combine(_table.Path, path));
        await DiskFull.TellAsync(_table.Path, async () =>
        {
            await _log.Store.PrepareCommitAsync(_table.Path, _snapshot is null, files, cancellationToken);
            return true;
        });
        var stamp = new VersionStamp(_table.Path, _snapshot, protocol, configuration);
        var result = await DiskFull.TellAsync(_table.Path, () => new CommitRace(_log, _options, _time).RunAsync(_commit, _read, level, stamp, _snapshot, cancellationToken));
        if (result is not CommitResult.Committed committed)
            return result;
        _done = true;
        await _table.AfterCommitAsync(committed.Version, TableProperties.Whole(configuration, TableProperties.CheckpointInterval, _options.CheckpointInterval), CancellationToken.None);
        return result;
    }

    private MetadataDraft Draft => _metadata ??= new MetadataDraft(_table.Path, _options, _snapshot);

    /// <summary>What a schema without metadata says of columns that the table has: their metadata stays.</summary>
    private StructType Kept(StructType schema) => _snapshot is null
        ? schema
        : new StructType([.. schema.Fields.Select(item => item.Metadata.Count == 0 && _snapshot.Schema.Find(item.Name) is { } old && old.Type == item.Type ? item with { Metadata = old.Metadata } : item)]);

    private ProtocolAction FinishMetadata()
    {
        if (_snapshot is null && _metadata is null)
            throw new DeltaException(_table.Path, "does not exist; expected SetMetadata in the transaction that creates it.");
        if (_metadata is null)
            return _snapshot!.Protocol;
        var (metadata, protocol) = _metadata.Finish(Now());
        if (_snapshot is null || !Same(metadata, _snapshot.Metadata!))
            _commit.Metadata = metadata;
        if (_snapshot is null || !ReferenceEquals(protocol, _snapshot.Protocol))
            _commit.Protocol = protocol;
        return protocol;
    }

    private void RequireNumbers()
    {
        var schema = _metadata?.Schema ?? _snapshot?.Schema;
        foreach (var file in _commit.Adds.Where(file => file.Unnumbered.Count > 0))
        {
            if (schema!.Fields.FirstOrDefault(field => file.Unnumbered.Contains(field.PhysicalName) && IdentityColumn.Is(field)) is { } field)
                throw new DeltaException(_table.Path, $"file '{file.Path}' has no values of identity column '{field.Name}' (feature {IdentityColumn.Feature}); expected rows that were written for the snapshot, which are numbered.");
        }
    }

    private static bool Same(MetadataAction left, MetadataAction right) =>
        left.Name == right.Name && left.Description == right.Description && left.SchemaString == right.SchemaString
        && left.PartitionColumns.SequenceEqual(right.PartitionColumns)
        && left.Configuration.Count == right.Configuration.Count
        && left.Configuration.All(item => right.Configuration.TryGetValue(item.Key, out var value) && value == item.Value);

    private bool RearrangesOnly() =>
        _commit.Metadata is null && _commit.Protocol is null && _commit.Adds.Count + _commit.Removes.Count > 0
        && _commit.Adds.TrueForAll(file => !file.DataChange) && _commit.Removes.TrueForAll(file => !file.DataChange);

    private CommitInfo Info(string operation, IReadOnlyDictionary<string, string> parameters, bool blind, IsolationLevel level) => new()
    {
        Timestamp = Now(),
        Operation = operation,
        OperationParameters = parameters,
        ReadVersion = _snapshot?.Version,
        IsolationLevel = level.ToString(),
        IsBlindAppend = blind,
        EngineInfo = _options.EngineInfo,
        TxnId = _options.NewId().ToString(),
        UserMetadata = _userMetadata,
        OperationMetrics = _metrics.Count > 0 ? _metrics : new Dictionary<string, string>
        {
            ["numFiles"] = _commit.Adds.Count.ToString(CultureInfo.InvariantCulture),
            ["numRemovedFiles"] = _commit.Removes.Count.ToString(CultureInfo.InvariantCulture),
            ["numOutputRows"] = _commit.Adds.Sum(file => Math.Max(0, file.NumRecords)).ToString(CultureInfo.InvariantCulture),
            ["numOutputBytes"] = _commit.Adds.Sum(file => file.Size).ToString(CultureInfo.InvariantCulture),
        },
    };

    private Dictionary<string, string> Tags(IReadOnlyDictionary<string, string?> configuration) => RowTracking.IsEnabled(configuration)
        ? new() { [RowTracking.PreservedTag] = _keepsRowIds || _commit.Removes.Count == 0 ? "true" : "false" }
        : [];

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
