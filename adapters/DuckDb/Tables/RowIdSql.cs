using System.Globalization;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>The stable row ids of a scan: those that rows have in hidden columns of their file, or else those the log gives the file.</summary>
/// <param name="Columns">The hidden columns.</param>
/// <param name="Firsts">SQL of a list: for each file, in the order of the scan, the row id of its first row.</param>
/// <param name="Versions">Likewise the version in which it came.</param>
internal sealed record RowIdSql(RowTrackingColumns Columns, string Firsts, string Versions)
{
    public static async Task<RowIdSql> PrepareAsync(DuckDbSession session, string table, RowTrackingColumns columns, IReadOnlyList<ScanFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files.Where(file => file.RowIds is null))
            throw new DeltaException(table, $"data file '{file.Path}' has no baseRowId or defaultRowCommitVersion in the log; expected both since delta.enableRowTracking is true (feature rowTracking); switch it off and on again, which gives them.");
        return new RowIdSql(
            columns,
            await ListAsync(session, [.. files.Select(file => file.RowIds!.Value.First)], cancellationToken),
            await ListAsync(session, [.. files.Select(file => file.RowIds!.Value.Version)], cancellationToken));
    }

    /// <summary>Entries of read_parquet's schema for the hidden columns, as <c>r0</c> and <c>r1</c>.</summary>
    public IEnumerable<string> Entries => [$"{SqlText.Literal(Columns.RowId)}: {{name: 'r0', type: 'BIGINT', default_value: NULL}}", $"{SqlText.Literal(Columns.CommitVersion)}: {{name: 'r1', type: 'BIGINT', default_value: NULL}}"];

    /// <summary>Select items.</summary>
    /// <param name="offset">The scan's number of the branch's first file.</param>
    public IEnumerable<string> Values(int offset) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"coalesce(r0, list_extract({Firsts}, CAST(f.file_index AS BIGINT) + {offset + 1}) + f.file_row_number) AS {PreparedScan.RowIdColumn}"),
        string.Create(CultureInfo.InvariantCulture, $"coalesce(r1, list_extract({Versions}, CAST(f.file_index AS BIGINT) + {offset + 1})) AS {PreparedScan.RowVersionColumn}"),
    ];

    private static async Task<string> ListAsync(DuckDbSession session, IReadOnlyList<long> values, CancellationToken cancellationToken)
    {
        const int MostInText = 64;
        if (values.Count <= MostInText)
            return $"[{string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)))}]";
        var name = session.NextName("ids");
        await session.ExecuteAsync($"CREATE TEMP TABLE {name} (number BIGINT, value BIGINT)", cancellationToken);
        await session.AppendAsync(name, values, static (row, value, number) => row.AppendValue((long?)number).AppendValue((long?)value), cancellationToken);
        await session.ExecuteAsync($"SET VARIABLE {name} = (SELECT list(value ORDER BY number) FROM {name}); DROP TABLE {name}", cancellationToken);
        return $"getvariable('{name}')";
    }
}
