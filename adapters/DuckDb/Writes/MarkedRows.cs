using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.RowGroups;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>
/// The rows of a snapshot that an operation changes: a temporary table of (file, row, action, sid), where action is the number of a
/// <see cref="RowChange"/> and sid that of the source row. Files are numbered by their position in <paramref name="files"/>.
/// </summary>
internal sealed class MarkedRows(DuckDbSession session, Snapshot target, IReadOnlyList<AddFile> files, string marks, string? source)
{
    /// <summary>The action of a row in <see cref="JoinAsync"/> and <see cref="Changes"/>; null for rows that stay.</summary>
    public const string Action = "s.__action";

    public string Table { get; } = marks;

    /// <summary>A scan of some files whose hidden file number is the position in the list given here.</summary>
    public static async Task<string> ScanAsync(DuckDbSession session, Snapshot target, IReadOnlyList<AddFile> files, CancellationToken cancellationToken, IReadOnlyList<IReadOnlyList<RowRange>?>? ranges = null)
    {
        var scan = await session.PrepareScanAsync(target.Table, target, files, cancellationToken, withRowNumbers: true, target.RowTracking, ranges);
        if (scan.Files.Select((at, i) => at == i).All(same => same))
            return scan.Sql;
        var name = session.NextName("order");
        await session.ExecuteAsync($"CREATE TEMP TABLE {name} (scanned BIGINT, given BIGINT)", cancellationToken);
        await session.AppendAsync(name, scan.Files, static (row, given, number) => row.AppendValue((long?)number).AppendValue((long?)given), cancellationToken);
        return $"SELECT x.* REPLACE (o.given AS {PreparedScan.FileColumn}) FROM ({scan.Sql}) x JOIN {name} o ON o.scanned = x.{PreparedScan.FileColumn}";
    }

    /// <summary>Files with changed rows: how many of their rows change, and how many of these are deleted.</summary>
    public async Task<IReadOnlyList<TouchedFile>> TouchedAsync(IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        var deletes = string.Join(", ", changes.Where(change => change.IsDelete).Select(change => change.Number).DefaultIfEmpty(-1));
        var rows = await session.RowsAsync($"SELECT file, count(*), count(*) FILTER (action IN ({deletes})) FROM {Table} WHERE action > 0 GROUP BY file ORDER BY file", cancellationToken);
        return [.. rows.Select(row => new TouchedFile(files[Number(row[0])], Number(row[0]), Convert.ToInt64(row[1], CultureInfo.InvariantCulture), Convert.ToInt64(row[2], CultureInfo.InvariantCulture)))];
    }

    /// <summary>The changed rows with their source rows, as relation <c>s</c>.</summary>
    public string Changes => source is null
        ? $"(SELECT file AS __f, row AS __r, action AS __action FROM {Table} WHERE action > 0) s"
        : $"(SELECT m.file AS __f, m.row AS __r, m.action AS __action, r.* FROM {Table} m LEFT JOIN {source} r ON r.{SourceRows.RowColumn} = m.sid WHERE m.action > 0) s";

    /// <summary>FROM clause of rows of touched files (<c>t</c>) with what changes them (<c>s</c>).</summary>
    /// <param name="kind">INNER for changed rows, LEFT for all, ANTI for those that stay.</param>
    public async Task<string> JoinAsync(IReadOnlyList<TouchedFile> touched, string kind, CancellationToken cancellationToken)
    {
        var scan = await ScanAsync(session, target, [.. touched.Select(item => item.File)], cancellationToken, [.. touched.Select(item => item.Rewritten)]);
        // The second scan numbers its own files: the marks are told its numbers.
        var numbers = session.NextName("numbers");
        await session.ExecuteAsync($"CREATE TEMP TABLE {numbers} (given BIGINT, scanned BIGINT)", cancellationToken);
        await session.AppendAsync(numbers, touched, static (row, item, number) => row.AppendValue((long?)item.Number).AppendValue((long?)number), cancellationToken);
        var changes = $"(SELECT n.scanned AS __n, s.* FROM {Changes} JOIN {numbers} n ON n.given = s.__f) s";
        return $"({scan}) t {kind} JOIN {changes} ON s.__n = t.{PreparedScan.FileColumn} AND s.__r = t.{PreparedScan.RowColumn}";
    }

    private static int Number(object? value) => Convert.ToInt32(value, CultureInfo.InvariantCulture);
}

/// <summary>A file with changed rows.</summary>
/// <param name="Number">Its number in the marks.</param>
internal sealed record TouchedFile(AddFile File, int Number, long Changed, long Deleted)
{
    /// <summary>The rows, changed ones and others, that are written anew; null for all of the file.</summary>
    public IReadOnlyList<RowRange>? Rewritten { get; init; }

    /// <summary>True where no row stays in the file as it is.</summary>
    public bool IsGone => Changed == File.LiveRecords;
}
