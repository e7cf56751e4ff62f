using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>Puts the rows of deletion vectors where a query can join them: DuckDB's own memory, with its limit and its spilling.</summary>
internal static class RowNumbers
{
    /// <summary>Bits of a key below the file's number: a join by one number costs half of one by two.</summary>
    public const int RowBits = 40;

    /// <summary>Makes a table (key BIGINT) of the rows that each file's choice names; files are numbered as given.</summary>
    public static async Task LoadAsync(DuckDbSession session, ITableStore store, string table, string name, IReadOnlyList<ScanFile> files, CancellationToken cancellationToken)
    {
        var ranges = session.NextName("ranges");
        await session.ExecuteAsync($"CREATE TEMP TABLE {ranges} (file BIGINT, first BIGINT, last BIGINT)", cancellationToken);
        for (var i = 0; i < files.Count; i++)
        {
            if (files[i].Rows == RowChoice.All)
                continue;
            long file = i;
            var rows = await RowsAsync(store, table, files[i], cancellationToken);
            await session.AppendAsync(ranges, rows.Ranges(), (row, range, _) => row.AppendValue((long?)file).AppendValue((long?)range.First).AppendValue((long?)range.Last), cancellationToken);
        }

        await session.ExecuteAsync($"CREATE TEMP TABLE {name} AS SELECT unnest(range((file << {RowBits}) + first, (file << {RowBits}) + last + 1)) AS key FROM {ranges}; DROP TABLE {ranges}", cancellationToken);
    }

    private static async Task<RoaringBitmap64> RowsAsync(ITableStore store, string table, ScanFile file, CancellationToken cancellationToken)
    {
        if (file.Only is null)
            return await DeletionVectorReader.ReadAsync(store, table, file.Without!, cancellationToken);
        var rows = await DeletionVectorReader.ReadAsync(store, table, file.Only, cancellationToken);
        if (file.Without is not null)
            rows.ExceptWith(await DeletionVectorReader.ReadAsync(store, table, file.Without, cancellationToken));
        return rows;
    }
}
