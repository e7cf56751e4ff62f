using System.Globalization;
using System.Text;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>
/// SQL for the live rows of data files. DuckDB is told the schema, so that no footer is read before its rows are: a file without a
/// column gives nulls, an older type is cast, other columns are not looked at. Values that the log knows come from it, never from a
/// folder's name.
/// </summary>
internal sealed class TableScan(DuckDbSession session, ITableStore store, string table, ColumnMappingMode mapping, IReadOnlyList<ScanColumn> columns)
{
    private readonly bool _hasConstants = columns.Any(column => column.IsPartition || column.Constant >= 0);

    /// <summary>Gives each row's file and position too, as <see cref="PreparedScan.FileColumn"/> and <see cref="PreparedScan.RowColumn"/>.</summary>
    public bool WithRowNumbers { get; init; }

    /// <summary>Gives each row's stable id and version too, as <see cref="PreparedScan.RowIdColumn"/> and <see cref="PreparedScan.RowVersionColumn"/>; null for neither.</summary>
    public RowTrackingColumns? RowIds { get; init; }

    /// <summary>
    /// Sets of files with equal constants that become a branch of the query of their own, in which a filter on a constant skips the files.
    /// Beyond it the constants are joined. Default 64: the text of a query stays small.
    /// </summary>
    public int MostBranches { get; init; } = 64;

    /// <summary>Paths of one branch that stand in the query. Beyond it they go to a variable of the session. Default 256.</summary>
    public int MostPaths { get; init; } = 256;

    public async Task<PreparedScan> PrepareAsync(IReadOnlyList<ScanFile> files, CancellationToken cancellationToken)
    {
        if (columns.Count == 0)
            throw new DeltaException(table, "the table has no columns; expected at least one to read; add columns first.");
        var local = await FetchAsync(files, cancellationToken);
        if (files.Count == 0)
            return new PreparedScan($"SELECT {string.Join(", ", Nulls())} WHERE false", []);
        var groups = await GroupAsync(files, local, cancellationToken);
        var order = groups.SelectMany(group => group.Members).ToList();
        var rows = order.Any(at => files[at].Rows != RowChoice.All) ? session.NextName("rows") : null;
        if (rows is not null)
            await RowNumbers.LoadAsync(session, store, table, rows, [.. order.Select(at => files[at])], cancellationToken);
        var ids = RowIds is null ? null : await RowIdSql.PrepareAsync(session, table, RowIds, [.. order.Select(at => files[at])], cancellationToken);
        var sql = new StringBuilder();
        var offset = 0;
        foreach (var group in groups)
        {
            sql.Append(sql.Length == 0 ? "" : " UNION ALL ").Append(await BranchAsync(files, local, group, offset, rows, ids, cancellationToken));
            offset += group.Members.Count;
        }

        return new PreparedScan(sql.ToString(), order);
    }

    /// <summary>Where a data file lies.</summary>
    public static string PathOf(string table, string path) => Path.GetFullPath(Path.Combine(table, path));

    /// <summary>A pattern of DuckDB's file functions that only the path itself matches.</summary>
    public static string Literal(string table, string path)
    {
        if (path.AsSpan().IndexOfAny("*?[") < 0)
            return path;
        if (Path.DirectorySeparatorChar != '\\' && path.Contains('\\', StringComparison.Ordinal))
            throw new DuckDbFaultException($"table '{table}': file '{path}' has a backslash and one of *?[ in its path, which DuckDB cannot be told apart from a pattern; expected a path without one of them; rename the file and restore the log, or use another engine.");
        return path.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal);
    }

    /// <summary>Where the files lie on this machine, for as long as the session is open.</summary>
    private async Task<IReadOnlyList<string>> FetchAsync(IReadOnlyList<ScanFile> files, CancellationToken cancellationToken)
    {
        var fetched = session.Own(await store.FetchAsync(table, [.. files.Select(file => new WantedFile(file.Path, file.Size))], cancellationToken));
        return [.. fetched.Paths.Select((path, i) => path
            ?? throw new DeltaException(table, $"data file '{files[i].Path}' is gone; expected it since the version refers to it; it may have been vacuumed: read a newer version, or restore the file."))];
    }

    private async Task<IReadOnlyList<Group>> GroupAsync(IReadOnlyList<ScanFile> files, IReadOnlyList<string> local, CancellationToken cancellationToken)
    {
        var names = mapping == ColumnMappingMode.Id && columns.Any(column => column.IsStored)
            ? await FieldIds.ReadAsync(session, table, local, cancellationToken)
            : null;
        var values = files.Select(file => _hasConstants ? ConstantsOf(file) : []).ToList();
        var groups = By((at, key) => key.AppendJoin('\u0001', values[at]), joined: false);
        return groups.Count <= MostBranches ? groups : By((_, _) => { }, joined: true);

        List<Group> By(Action<int, StringBuilder> addKey, bool joined)
        {
            var found = new Dictionary<string, Group>(StringComparer.Ordinal);
            for (var at = 0; at < files.Count; at++)
            {
                var key = new StringBuilder().Append((int)files[at].Rows).Append('\u0001').Append(names?[at].Key ?? "").Append('\u0001').Append(files[at].RangeFilter).Append('\u0001');
                addKey(at, key);
                if (!found.TryGetValue(key.ToString(), out var group))
                    found[key.ToString()] = group = new Group(names?[at] ?? FileNames.Physical, files[at].Rows, joined && _hasConstants ? null : values[at], values, []);
                group.Members.Add(at);
            }

            return [.. found.Values];
        }
    }

    private async Task<string> BranchAsync(IReadOnlyList<ScanFile> files, IReadOnlyList<string> local, Group group, int offset, string? rows, RowIdSql? ids, CancellationToken cancellationToken)
    {
        var stored = columns.Select((column, i) => (column, i)).Where(item => item.column.IsStored).ToList();
        var paths = await PathsAsync([.. group.Members.Select(at => Literal(table, local[at]))], cancellationToken);
        var sql = new StringBuilder("SELECT ").AppendJoin(", ", Values(group, offset).Concat(ids?.Values(offset) ?? [])).Append(" FROM read_parquet(").Append(paths).Append(CultureInfo.InvariantCulture, $", hive_partitioning=false, explicit_cardinality={Math.Max(1, group.Members.Sum(at => files[at].EstimatedRows))}");
        if (stored.Count > 0 || ids is not null)
        {
            var entries = stored.Select(item => string.Create(CultureInfo.InvariantCulture,
                $"{SqlText.Literal(NameOf(item.column, group.Names))}: {{name: 'c{item.i}', type: {SqlText.Literal(ColumnSql.StoredTypeOf(item.column.Type, group.Names))}, default_value: NULL}}"));
            sql.Append(", schema=MAP {").AppendJoin(", ", entries.Concat(ids?.Entries ?? [])).Append('}');
            // Some writers do not say that their bytes are text. Without binary columns all bytes are.
            if (!stored.Any(item => ColumnSql.Holds(item.column.Type, DeltaTypeKind.Binary)))
                sql.Append(", binary_as_string=true");
        }

        sql.Append(") f");
        if (group.Constants is null)
            sql.Append(CultureInfo.InvariantCulture, $" JOIN {await ConstantsTableAsync(group, cancellationToken)} p ON p.file = CAST(f.file_index AS BIGINT)");
        sql.Append(ids?.Join(offset));
        if (group.Rows != RowChoice.All)
            sql.Append(CultureInfo.InvariantCulture, $" {(group.Rows == RowChoice.Listed ? "SEMI" : "ANTI")} JOIN {rows} d ON d.key = ((CAST(f.file_index AS BIGINT) + {offset}) << {RowNumbers.RowBits}) + f.file_row_number");
        if (files[group.Members[0]].RangeFilter is { Length: > 0 } filter)
            sql.Append(" WHERE ").Append(filter);
        return sql.ToString();
    }

    private IEnumerable<string> Values(Group group, int offset)
    {
        for (var (i, constant) = (0, 0); i < columns.Count; i++)
        {
            var column = columns[i];
            var value = column.IsPartition || column.Constant >= 0
                ? group.Constants?[constant++] ?? string.Create(CultureInfo.InvariantCulture, $"p.v{constant++}")
                : column.IsStored ? Unpushed(column, ColumnSql.Logical(string.Create(CultureInfo.InvariantCulture, $"c{i}"), column.Type, group.Names))
                : ColumnSql.NullOf(column.Type);
            yield return $"{value} AS {SqlText.Identifier(column.Name)}";
        }

        if (WithRowNumbers)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"CAST(f.file_index AS BIGINT) + {offset} AS {PreparedScan.FileColumn}");
            yield return $"f.file_row_number AS {PreparedScan.RowColumn}";
        }
    }

    /// <summary>
    /// DuckDB 1.5 takes a filter on a column into files of an older type by casting the filter's constant to that type: noon of a day is
    /// then equal to the day. A column whose type was changed is hidden from such filters.
    /// </summary>
    private static string Unpushed(ScanColumn column, string value) =>
        column.Field is { HasTypeChanges: true } ? $"CASE WHEN {value} IS NOT NULL THEN {value} END" : value;

    private IEnumerable<string> Nulls()
    {
        foreach (var column in columns)
            yield return $"{ColumnSql.NullOf(column.Type)} AS {SqlText.Identifier(column.Name)}";
        if (WithRowNumbers)
            yield return $"NULL::BIGINT AS {PreparedScan.FileColumn}, NULL::BIGINT AS {PreparedScan.RowColumn}";
        if (RowIds is not null)
            yield return $"NULL::BIGINT AS {PreparedScan.RowIdColumn}, NULL::BIGINT AS {PreparedScan.RowVersionColumn}";
    }

    private string[] ConstantsOf(ScanFile file) =>
        [.. columns.Where(column => column.IsPartition || column.Constant >= 0).Select(column => column.IsPartition
            ? PartitionSql.ValueOf(column.Type, file.PartitionValues.GetValueOrDefault(column.Field!.PhysicalName))
            : file.Constants[column.Constant])];

    private static string NameOf(ScanColumn column, FileNames names) => column.Field is { } field ? names.Of(field) : column.Name;

    private async Task<string> PathsAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        if (paths.Count <= MostPaths)
            return SqlText.List(paths);
        var name = session.NextName("paths");
        await session.ExecuteAsync($"CREATE TEMP TABLE {name} (number BIGINT, path VARCHAR)", cancellationToken);
        await session.AppendAsync(name, paths, static (row, path, number) => row.AppendValue((long?)number).AppendValue(path), cancellationToken);
        await session.ExecuteAsync($"SET VARIABLE {name} = (SELECT list(path ORDER BY number) FROM {name}); DROP TABLE {name}", cancellationToken);
        return $"getvariable('{name}')";
    }

    private async Task<string> ConstantsTableAsync(Group group, CancellationToken cancellationToken)
    {
        const int RowsAtOnce = 500;
        var name = session.NextName("constants");
        var constants = columns.Where(column => column.IsPartition || column.Constant >= 0).ToList();
        await session.ExecuteAsync($"CREATE TEMP TABLE {name} (file BIGINT, {string.Join(", ", constants.Select((column, i) => string.Create(CultureInfo.InvariantCulture, $"v{i} {ColumnSql.TypeOf(column.Type)}")))})", cancellationToken);
        foreach (var chunk in group.Members.Select((at, file) => string.Create(CultureInfo.InvariantCulture, $"({file}, {string.Join(", ", group.All[at])})")).Chunk(RowsAtOnce))
            await session.ExecuteAsync($"INSERT INTO {name} VALUES {string.Join(", ", chunk)}", cancellationToken);
        return name;
    }

    /// <summary>Files that one branch reads. <paramref name="Constants"/> is null where they differ from file to file and are joined.</summary>
    private sealed record Group(FileNames Names, RowChoice Rows, string[]? Constants, IReadOnlyList<string[]> All, List<int> Members);
}
