using System.Globalization;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>The stable row ids of a scan: those that rows have in hidden columns of their file, or else those the log gives the file.</summary>
/// <param name="Columns">The hidden columns.</param>
/// <param name="Given">For each file, in the order of the scan, the row id of its first row and the version in which it came.</param>
/// <param name="Table">A table of the session with what was given; null where a list in the query will do.</param>
internal sealed record RowIdSql(RowTrackingColumns Columns, IReadOnlyList<(long First, long Version)> Given, string? Table)
{
    /// <summary>Files beyond which a join is cheaper: DuckDB copies a list for every 2,048 rows.</summary>
    private const int MostInText = 64;

    public static async Task<RowIdSql> PrepareAsync(DuckDbSession session, string table, RowTrackingColumns columns, IReadOnlyList<ScanFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files.Where(file => file.RowIds is null))
            throw new DeltaException(table, $"data file '{file.Path}' has no baseRowId or defaultRowCommitVersion in the log; expected both since delta.enableRowTracking is true (feature rowTracking); switch it off and on again, which gives them.");
        IReadOnlyList<(long First, long Version)> given = [.. files.Select(file => file.RowIds!.Value)];
        if (given.Count <= MostInText)
            return new RowIdSql(columns, given, null);
        var name = session.NextName("ids");
        await session.ExecuteAsync($"CREATE TEMP TABLE {name} (number BIGINT, first BIGINT, version BIGINT)", cancellationToken);
        await session.AppendAsync(name, given, static (row, item, number) => row.AppendValue((long?)number).AppendValue((long?)item.First).AppendValue((long?)item.Version), cancellationToken);
        return new RowIdSql(columns, given, name);
    }

    /// <summary>Entries of read_parquet's schema for the hidden columns, as <c>r0</c> and <c>r1</c>.</summary>
    public IEnumerable<string> Entries => [$"{SqlText.Literal(Columns.RowId)}: {{name: 'r0', type: 'BIGINT', default_value: NULL}}", $"{SqlText.Literal(Columns.CommitVersion)}: {{name: 'r1', type: 'BIGINT', default_value: NULL}}"];

    /// <summary>What the branch joins, or nothing.</summary>
    /// <param name="offset">The scan's number of the branch's first file.</param>
    public string Join(int offset) => Table is null ? "" : $" JOIN {Table} i ON i.number = {Number(offset)}";

    /// <summary>Select items.</summary>
    public IEnumerable<string> Values(int offset) =>
    [
        $"coalesce(r0, {OfFile("first", item => item.First, offset)} + f.file_row_number) AS {PreparedScan.RowIdColumn}",
        $"coalesce(r1, {OfFile("version", item => item.Version, offset)}) AS {PreparedScan.RowVersionColumn}",
    ];

    private string OfFile(string column, Func<(long First, long Version), long> value, int offset) => Table is null
        ? $"list_extract([{string.Join(", ", Given.Select(item => value(item).ToString(CultureInfo.InvariantCulture)))}], {Number(offset)} + 1)"
        : $"i.{column}";

    private static string Number(int offset) => string.Create(CultureInfo.InvariantCulture, $"(CAST(f.file_index AS BIGINT) + {offset})");
}
