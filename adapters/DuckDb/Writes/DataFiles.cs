using System.Collections;
using System.Globalization;
using System.Text;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.RowGroups;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Writes rows of queries as Parquet files of a table: durable and described, not yet visible. Remembers what it has written.</summary>
internal sealed class DataFiles(DuckDbSession session, DuckDbOptions options) : IDisposable
{
    private const string ChangeFolder = "_change_data";

    private readonly List<string> _written = [];
    private IStagedFiles? _stage;

    /// <summary>Writes a query that gives the columns of the table's schema, by their names, and with <paramref name="rowIds"/> those of <see cref="PreparedScan"/> for row ids.</summary>
    public Task<IReadOnlyList<AddFile>> WriteAsync(Snapshot target, string query, long? targetBytes, CancellationToken cancellationToken, FileLayout? layout = null, RowTrackingColumns? rowIds = null) =>
        WriteAsync(target, query, targetBytes, [], layout, rowIds, cancellationToken);

    /// <summary>The same with files whose row groups partly stay; the rows of the others are the query's, null for none.</summary>
    public async Task<IReadOnlyList<AddFile>> WriteAsync(Snapshot target, string? query, long? targetBytes, IReadOnlyCollection<ReusedFile> reused, FileLayout? layout, RowTrackingColumns? rowIds, CancellationToken cancellationToken)
    {
        var stage = StageOf(target);
        IReadOnlyList<(string From, string To)> extra = rowIds is null ? [] : [(PreparedScan.RowIdColumn, rowIds.RowId), (PreparedScan.RowVersionColumn, rowIds.CommitVersion)];
        var written = query is null ? [] : await CopyAsync(target, query, "", "part-", extra, targetBytes, layout, cancellationToken);
        var groups = new RowGroupFiles(stage.Root, TargetBytes(targetBytes), path => _written.Add(Path.GetRelativePath(stage.Root, path)));
        // DuckDB cannot both split rows by partition and begin a new file by its size: row groups of large files are shared out afterwards.
        if (target.PartitionColumns.Count > 0 && layout?.Partition is null)
            written = await Task.Run(() => groups.Split(written, cancellationToken), cancellationToken);
        if (reused.Count > 0)
            written = await Task.Run(() => groups.Write(reused, written, cancellationToken), cancellationToken);
        var table = DeltaTable.At(stage.Root, new DeltaTableOptions(), TimeProvider.System);
        List<AddFile> files = [];
        foreach (var file in written)
            files.Add(await table.DescribeFileAsync(Path.GetRelativePath(stage.Root, file.Path), target, file.Values, cancellationToken));
        await stage.PublishAsync([.. files.Select(file => file.Path)], cancellationToken);
        return files;
    }

    /// <summary>The files of which row groups can stay when they are written anew, by number.</summary>
    public async Task<IReadOnlyDictionary<int, ReusedFile>> FindReusableAsync(Snapshot target, MarkedRows marks, IReadOnlyList<TouchedFile> touched, CancellationToken cancellationToken) =>
        options.CopyRowGroups ? await new RowGroupReuse(session, target).FindAsync(marks, touched, cancellationToken) : new Dictionary<int, ReusedFile>();

    /// <summary>Writes a query of changed rows: the table's columns and <c>_change_type</c>.</summary>
    public async Task<IReadOnlyList<CdcFile>> WriteChangesAsync(Snapshot target, string query, CancellationToken cancellationToken)
    {
        var stage = StageOf(target);
        List<CdcFile> files = [];
        foreach (var file in await CopyAsync(target, query, ChangeFolder, "cdc-", [(ChangeColumns.ChangeType, ChangeColumns.ChangeType)], null, null, cancellationToken))
        {
            Flush(file.Path);
            files.Add(new CdcFile(Path.GetRelativePath(stage.Root, file.Path).Replace('\\', '/'), file.Values, new FileInfo(file.Path).Length));
        }

        await stage.PublishAsync([.. files.Select(file => file.Path)], cancellationToken);
        return files;
    }

    /// <summary>The folder of a file, relative to the table's; for one that lies elsewhere, as in a shallow clone, the table's own.</summary>
    public static string FolderOf(AddFile file) => Path.IsPathRooted(file.Path) || TablePaths.IsUri(file.Path) ? "" : Path.GetDirectoryName(file.Path)!;

    /// <summary>The folder in which to write a file of a name without this class; it is to be published then.</summary>
    public string Open(Snapshot target, string name)
    {
        _written.Add(name);
        return StageOf(target).Root;
    }

    /// <summary>Puts complete files, by their names in the folder, into the table.</summary>
    public Task PublishAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => _stage!.PublishAsync(names, cancellationToken);

    /// <summary>Forgets what was written: it has been committed.</summary>
    public void Keep() => _written.Clear();

    /// <summary>Deletes what was written: nobody has committed it.</summary>
    public async Task DiscardAsync(CancellationToken cancellationToken)
    {
        if (_stage is not null && _written.Count > 0)
            await _stage.DiscardAsync(_written, cancellationToken);
        _written.Clear();
    }

    public void Dispose() => _stage?.Dispose();

    /// <summary>An operation has one target.</summary>
    private IStagedFiles StageOf(Snapshot target) => _stage ??= target.Store.Stage(target.Table);

    /// <summary>Bytes at which a file ends; the table may have a number of its own.</summary>
    private long TargetBytes(long? ofTable) => ofTable ?? (long)options.TargetFileMiB << 20;

    private async Task<IReadOnlyList<WrittenFile>> CopyAsync(
        Snapshot target, string query, string folder, string prefix, IReadOnlyList<(string From, string To)> extra, long? targetBytes, FileLayout? layout, CancellationToken cancellationToken)
    {
        var partitions = target.PartitionColumns.Select(name => target.Schema.Find(name)!).ToList();
        var shared = layout?.Partition is { } member && partitions.Count > 0 ? member : null;
        IReadOnlyList<SchemaField> split = shared is null ? partitions : [];
        var stored = target.Schema.Fields.Where(field => !partitions.Contains(field) && ColumnSql.IsStored(field.Type)).ToList();
        var columns = stored.Select(field => $"{StoreSql.Physical(SqlText.Identifier(field.Name), field.Type)} AS {SqlText.Identifier(field.PhysicalName)}")
            .Concat(extra.Select(column => $"{SqlText.Identifier(column.From)} AS {SqlText.Identifier(column.To)}"))
            .Concat(split.Select(field => $"{StoreSql.PartitionText(SqlText.Identifier(field.Name), field.Type)} AS {SqlText.Identifier(field.PhysicalName)}"));
        var stage = StageOf(target);
        var path = Path.Combine(stage.Root, shared is null ? folder : FolderOf(shared));
        Directory.CreateDirectory(path);
        // A COPY that fails does not tell what it has begun: the names do.
        var names = $"{prefix}{Path.GetRandomFileName()[..8]}-";
        // Few rows of no partition go into one file, which is named here; else DuckDB names what it writes into the folder.
        var single = layout?.FewRows is not null && split.Count == 0;
        var copy = new StringBuilder("COPY (SELECT ").AppendJoin(", ", columns).Append(" FROM (").Append(query).Append(')').Append(layout?.Order).Append(") TO ").Append(SqlText.Literal(single ? Path.Combine(path, $"{names}{Guid.NewGuid():D}.parquet") : path))
            .Append(" (FORMAT PARQUET, COMPRESSION ZSTD, RETURN_STATS true");
        if (!single)
            copy.Append(", FILENAME_PATTERN '").Append(names).Append("{uuid}', OVERWRITE_OR_IGNORE true");
        if (split.Count > 0)
            copy.Append(", PARTITION_BY (").Append(SqlText.Identifiers(split.Select(field => field.PhysicalName))).Append(')');
        else if (!single)
            copy.Append(CultureInfo.InvariantCulture, $", FILE_SIZE_BYTES {TargetBytes(targetBytes)}");
        if (layout?.GroupRows is { } rows)
            copy.Append(CultureInfo.InvariantCulture, $", ROW_GROUP_SIZE {rows}");
        if (StoreSql.FieldIds(stored) is { } ids)
            copy.Append(", FIELD_IDS ").Append(ids);
        copy.Append(')');
        List<WrittenFile> result = [];
        foreach (var row in await RunAsync(copy.ToString(), path, names, layout?.FewRows is not null, cancellationToken))
        {
            var file = new WrittenFile((string)row[0]!, Convert.ToInt64(row[1], CultureInfo.InvariantCulture), Convert.ToInt64(row[2], CultureInfo.InvariantCulture), shared?.PartitionValues ?? Values(split, row[5]));
            if (file.Rows == 0)
            {
                File.Delete(file.Path);
                continue;
            }

            _written.Add(Path.GetRelativePath(stage.Root, file.Path));
            result.Add(file);
        }

        return result;
    }

    private async Task<IReadOnlyList<object?[]>> RunAsync(string copy, string folder, string names, bool oneThread, CancellationToken cancellationToken)
    {
        try
        {
            // Each thread ends with a row group of its own, however few rows it has.
            if (oneThread)
                await session.ExecuteAsync("SET threads=1", cancellationToken);
            return await session.RowsAsync(copy, cancellationToken);
        }
        catch
        {
            foreach (var file in Directory.EnumerateFiles(folder, $"{names}*.parquet", SearchOption.AllDirectories))
                File.Delete(file);
            throw;
        }
        finally
        {
            if (oneThread)
                await session.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"SET threads={options.Threads}"), CancellationToken.None);
        }
    }

    private static Dictionary<string, string?> Values(IReadOnlyList<SchemaField> partitions, object? keys)
    {
        var result = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (partitions.Count == 0)
            return result;
        var map = (IDictionary)keys!;
        foreach (var field in partitions)
            result[field.PhysicalName] = map[field.PhysicalName] is string text ? text : null;
        return result;
    }

    private static void Flush(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }
}
