using System.Collections;
using System.Globalization;
using System.Text;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Writes rows of queries as Parquet files of a table: durable and described, not yet visible. Remembers what it has written.</summary>
internal sealed class DataFiles(DuckDbSession session, DuckDbOptions options) : IDisposable
{
    private const string ChangeFolder = "_change_data";

    private readonly List<string> _written = [];
    private IStagedFiles? _stage;

    /// <summary>Writes a query that gives the columns of the table's schema, by their names, and with <paramref name="rowIds"/> those of <see cref="PreparedScan"/> for row ids.</summary>
    public async Task<IReadOnlyList<AddFile>> WriteAsync(Snapshot target, string query, long? targetBytes, CancellationToken cancellationToken, FileLayout? layout = null, RowTrackingColumns? rowIds = null)
    {
        var stage = StageOf(target);
        var table = DeltaTable.At(stage.Root, new DeltaTableOptions(), TimeProvider.System);
        List<AddFile> files = [];
        foreach (var (path, rows, values) in await CopyAsync(target, query, "", "part-", rowIds is null ? [] : [(PreparedScan.RowIdColumn, rowIds.RowId), (PreparedScan.RowVersionColumn, rowIds.CommitVersion)], targetBytes, layout, cancellationToken))
        {
            if (rows == 0)
                File.Delete(path);
            else
                files.Add(await table.DescribeFileAsync(Path.GetRelativePath(stage.Root, path), target, values, cancellationToken));
        }

        await stage.PublishAsync([.. files.Select(file => file.Path)], cancellationToken);
        return files;
    }

    /// <summary>Writes a query of changed rows: the table's columns and <c>_change_type</c>.</summary>
    public async Task<IReadOnlyList<CdcFile>> WriteChangesAsync(Snapshot target, string query, CancellationToken cancellationToken)
    {
        var stage = StageOf(target);
        List<CdcFile> files = [];
        foreach (var (path, rows, values) in await CopyAsync(target, query, ChangeFolder, "cdc-", [(ChangeColumns.ChangeType, ChangeColumns.ChangeType)], null, null, cancellationToken))
        {
            if (rows == 0)
            {
                File.Delete(path);
                continue;
            }

            Flush(path);
            files.Add(new CdcFile(Path.GetRelativePath(stage.Root, path).Replace('\\', '/'), values, new FileInfo(path).Length));
        }

        await stage.PublishAsync([.. files.Select(file => file.Path)], cancellationToken);
        return files;
    }

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

    private async Task<IReadOnlyList<(string Path, long Rows, IReadOnlyDictionary<string, string?> Values)>> CopyAsync(
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
        var path = Path.Combine(stage.Root, shared is null || Path.IsPathRooted(shared.Path) ? folder : Path.GetDirectoryName(shared.Path)!);
        Directory.CreateDirectory(path);
        // A COPY that fails does not tell what it has begun: the names do.
        var names = $"{prefix}{Path.GetRandomFileName()[..8]}-";
        var copy = new StringBuilder("COPY (SELECT ").AppendJoin(", ", columns).Append(" FROM (").Append(query).Append(')').Append(layout?.Order).Append(") TO ").Append(SqlText.Literal(path))
            .Append(" (FORMAT PARQUET, COMPRESSION ZSTD, FILENAME_PATTERN '").Append(names).Append("{uuid}', OVERWRITE_OR_IGNORE true, RETURN_STATS true");
        if (split.Count > 0)
            copy.Append(", PARTITION_BY (").Append(SqlText.Identifiers(split.Select(field => field.PhysicalName))).Append(')');
        else
            copy.Append(CultureInfo.InvariantCulture, $", FILE_SIZE_BYTES {targetBytes ?? (long)options.TargetFileMiB << 20}");
        if (layout?.RowsOfFile is { } rows)
            copy.Append(CultureInfo.InvariantCulture, $", ROW_GROUP_SIZE {Math.Clamp(rows / 2048 * 2048, 2048, 122_880)}");
        if (StoreSql.FieldIds(stored) is { } ids)
            copy.Append(", FIELD_IDS ").Append(ids);
        copy.Append(')');
        List<(string, long, IReadOnlyDictionary<string, string?>)> result = [];
        foreach (var row in await RunAsync(copy.ToString(), path, names, cancellationToken))
        {
            var file = (string)row[0]!;
            _written.Add(Path.GetRelativePath(stage.Root, file));
            result.Add((file, Convert.ToInt64(row[1], CultureInfo.InvariantCulture), shared?.PartitionValues ?? Values(split, row[5])));
        }

        return result;
    }

    private async Task<IReadOnlyList<object?[]>> RunAsync(string copy, string folder, string names, CancellationToken cancellationToken)
    {
        try
        {
            return await session.RowsAsync(copy, cancellationToken);
        }
        catch
        {
            foreach (var file in Directory.EnumerateFiles(folder, $"{names}*.parquet", SearchOption.AllDirectories))
                File.Delete(file);
            throw;
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

/// <summary>How rows go into files.</summary>
/// <param name="Order">An ORDER BY, or empty.</param>
/// <param name="RowsOfFile">About how many rows a file is to have, where that is few: a file ends only with a row group.</param>
/// <param name="Partition">A file in whose partition all rows are; null where they are split by their values. DuckDB can then begin a new file by its size.</param>
internal sealed record FileLayout(string Order, long? RowsOfFile, AddFile? Partition);
