using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// A Delta table in a folder: the public door of this library. Words are those of the Delta transaction log protocol.
/// Thread-safe; keep one instance for each table, it remembers the log it has read.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A SemaphoreSlim without a wait handle holds nothing to dispose.")]
public sealed partial class DeltaTable
{
    private readonly DeltaTableOptions _options;
    private readonly TimeProvider _time;
    private readonly LogFolder _log;
    private readonly SnapshotReader _reader;
    private readonly IdentityReservations _reservations = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private TableState? _state;
    private Snapshot? _snapshot;

    private DeltaTable(string path, DeltaTableOptions options, TimeProvider time)
    {
        Path = path;
        _options = options;
        _time = time;
        _log = new LogFolder(path, options.Store);
        _reader = new SnapshotReader(_log, options);
    }

    /// <summary>Absolute path of the table's folder, or its URI.</summary>
    public string Path { get; }

    /// <summary>Opens the table of a folder, whether or not it exists yet.</summary>
    /// <param name="path">A folder, or a URI of the options' store such as <c>s3://bucket/lake/t</c>.</param>
    public static DeltaTable At(string path, DeltaTableOptions options, TimeProvider time)
    {
        if (TablePaths.IsUri(path) && options.Store.IsLocal)
            throw new DeltaException(path, "is on an object store, DeltaTableOptions.Store is the local file system; expected a store of its scheme; set it, for example to ObjectTableStore.Open(path, ...) of RealTimeMesh.ObjectStores.");
        return new DeltaTable(TablePaths.Normalize(path), options, time);
    }

    /// <summary>The newest snapshot (or that of <paramref name="version"/>); null where the table does not exist. Cheap when nothing changed since the last call.</summary>
    public async Task<Snapshot?> GetSnapshotAsync(long? version, CancellationToken cancellationToken)
    {
        if (version is not null)
            return (await _reader.ReadAsync(version, cancellationToken))?.ToSnapshot();
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await RefreshAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// The snapshot at a time: the newest version committed by then; null where the table does not exist. Throws where the log does not
    /// reach back so far, or where the time is still to come.
    /// </summary>
    public async Task<Snapshot?> GetSnapshotAsync(DateTimeOffset timestamp, CancellationToken cancellationToken)
    {
        if (await GetSnapshotAsync(null, cancellationToken) is not { } newest)
            return null;
        var times = await GetCommitTimesAsync(newest, cancellationToken);
        var version = await times.VersionAtAsync(timestamp.ToUnixTimeMilliseconds(), _time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken);
        return version == newest.Version ? newest : await GetSnapshotAsync(version, cancellationToken);
    }

    /// <summary>Begins a transaction on a snapshot; null to create the table.</summary>
    public DeltaTransaction BeginTransaction(Snapshot? snapshot) => new(this, _log, _options, _time, snapshot);

    /// <summary>
    /// Writes rows as new Parquet data files (one per partition value) with statistics, for a later <see cref="DeltaTransaction.Add"/>.
    /// Nothing is visible before a commit. All rows of a partition value become one row group. The schema is that of a new table, or what
    /// the same transaction makes of the table's; rules of the table hold for the columns that stay.
    /// </summary>
    public async Task<IReadOnlyList<AddFile>> WriteFilesAsync(RowSchema schema, IReadOnlyList<string> partitionColumns, IReadOnlyList<ColumnBatch> batches, CancellationToken cancellationToken)
    {
        var shape = TableShape.Of(Path, await GetSnapshotAsync(null, cancellationToken), schema, partitionColumns, _time.GetUtcNow());
        return await DiskFull.TellAsync(Path, () => new DataFileWriter(shape, _options, _time, _reservations).WriteAsync(batches, cancellationToken));
    }

    /// <summary>
    /// Writes rows as data files of the snapshot's table by all its rules: missing columns get their generated value, default or null;
    /// constraints are checked (<see cref="ConstraintViolationException"/>); physical names, field ids and the columns with statistics are the table's.
    /// </summary>
    public Task<IReadOnlyList<AddFile>> WriteFilesAsync(Snapshot snapshot, IReadOnlyList<ColumnBatch> batches, CancellationToken cancellationToken) =>
        DiskFull.TellAsync(Path, () => new DataFileWriter(TableShape.Of(snapshot, _time.GetUtcNow()), _options, _time, _reservations).WriteAsync(batches, cancellationToken));

    /// <summary>The rules for rows of a schema that the table has or is about to have.</summary>
    public WriteRules RulesOf(Snapshot snapshot, RowSchema rows) => TableShape.Of(Path, snapshot, rows, snapshot.PartitionColumns, _time.GetUtcNow()).Rules;

    /// <summary>
    /// Describes a Parquet file that another engine wrote into the table's folder as a data file: size, row count and statistics from
    /// its footer. Flushes it to the disk. Throws where a column's Parquet type is not that of the schema.
    /// </summary>
    public async Task<AddFile> DescribeFileAsync(string relativePath, RowSchema schema, IReadOnlyDictionary<string, string?> partitionValues, CancellationToken cancellationToken)
    {
        var shape = TableShape.Of(Path, await GetSnapshotAsync(null, cancellationToken), schema, [.. partitionValues.Keys], _time.GetUtcNow());
        return await FooterReader.DescribeAsync(Path, relativePath, shape.Schema, shape.IsMapped, shape.Statistics, partitionValues, cancellationToken) with { Unnumbered = shape.Unnumbered };
    }

    /// <summary>As above for any schema, by the snapshot's physical names and the columns it wants statistics for.</summary>
    /// <param name="partitionValues">By physical name, in the log's text form.</param>
    public Task<AddFile> DescribeFileAsync(string relativePath, Snapshot snapshot, IReadOnlyDictionary<string, string?> partitionValues, CancellationToken cancellationToken) =>
        FooterReader.DescribeAsync(Path, relativePath, snapshot.Schema, ColumnMapping.IsOn(snapshot.Configuration), StatisticsColumns.For(snapshot), partitionValues, cancellationToken);

    /// <summary>
    /// The table as a commit is about to make it, new (<paramref name="snapshot"/> null) or with the schema of these rows: files for it are
    /// written and described by this. What the table says of its columns holds for those that stay.
    /// </summary>
    public Snapshot DraftOf(Snapshot? snapshot, RowSchema rows, IReadOnlyList<string> partitionColumns)
    {
        var schema = TableShape.Of(Path, snapshot, rows, partitionColumns, _time.GetUtcNow()).Schema;
        return snapshot?.WithSchema(schema, partitionColumns) ?? Snapshot.ToCreate(Path, _options.Store, schema, partitionColumns, new Dictionary<string, string?>());
    }

    /// <summary>
    /// Whether a data file of the snapshot holds every column as files written now do: types, physical names, field ids, and no other
    /// columns. Its row groups may then stand in new files.
    /// </summary>
    public Task<bool> FitsAsync(AddFile file, Snapshot snapshot, CancellationToken cancellationToken) =>
        FooterReader.FitsAsync(Path, file, snapshot.Schema, ColumnMapping.IsOn(snapshot.Configuration), cancellationToken);

    /// <summary>When versions were committed, as far as the log has them.</summary>
    internal async Task<CommitTimes> GetCommitTimesAsync(Snapshot newest, CancellationToken cancellationToken) => new(_log, await _log.ListAsync(cancellationToken), newest.Configuration);

    private async Task<Snapshot?> RefreshAsync(CancellationToken cancellationToken)
    {
        await ForgetReplacedLogAsync(cancellationToken);
        try
        {
            if (_state is null)
                _state = await _reader.ReadAsync(null, cancellationToken);
            else
                await _reader.ForwardAsync(_state, null, cancellationToken);
        }
        catch
        {
            // The state may be half-way: read it anew next time.
            (_state, _snapshot) = (null, null);
            throw;
        }

        if (_state is null)
            return null;
        if (_snapshot?.Version != _state.Version)
            _snapshot = _state.ToSnapshot();
        return _snapshot;
    }

    /// <summary>A folder that was deleted and made anew has another log under the same name.</summary>
    private async Task ForgetReplacedLogAsync(CancellationToken cancellationToken)
    {
        if (_state is null)
            return;
        var file = await _log.Store.DescribeAsync(_log.CommitPath(_state.Version), cancellationToken);
        if (file is null ? !_state.IsAtCheckpoint : file.Value.ModifiedAt != _state.FileTime)
            (_state, _snapshot) = (null, null);
    }
}
