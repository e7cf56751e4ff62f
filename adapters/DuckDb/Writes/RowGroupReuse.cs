using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.RowGroups;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>
/// Finds the files of which a change touches few row groups: the others can be copied as they are, which is faster by far than
/// decoding and encoding their rows. In doubt a file is written anew as a whole.
/// </summary>
internal sealed class RowGroupReuse(DuckDbSession session, Snapshot target)
{
    /// <summary>Each file is a branch of the query for the rows that are written anew.</summary>
    private const int MostFiles = 500;

    private readonly DeltaTable _table = DeltaTable.At(target.Table, new DeltaTableOptions { Store = target.Store }, TimeProvider.System);

    /// <summary>The files of <paramref name="touched"/> with the row groups that stay, by number.</summary>
    public async Task<IReadOnlyDictionary<int, ReusedFile>> FindAsync(MarkedRows marks, IReadOnlyList<TouchedFile> touched, CancellationToken cancellationToken)
    {
        var result = new Dictionary<int, ReusedFile>();
        // Where more than half of the rows change nothing is gained. Rows that keep their ids get a column of them when they move.
        IReadOnlyList<TouchedFile> candidates = target.RowTracking is not null ? [] : [.. touched.Where(item => item.Changed * 2 <= item.File.NumRecords).Take(MostFiles)];
        var footers = await FootersAsync(candidates, cancellationToken);
        if (footers.Count == 0)
            return result;
        var groups = await ChangedAsync(marks, footers, cancellationToken);
        foreach (var item in touched.Where(item => footers.ContainsKey(item.Number)))
        {
            await AddDeletedAsync(item.File, footers[item.Number], groups[item.Number], cancellationToken);
            var file = ReusedFile.Of(item.File, footers[item.Number], groups[item.Number]);
            if (file.RewrittenRows * 2 <= item.File.NumRecords && await CanCopyAsync(file, cancellationToken))
                result[item.Number] = file;
        }

        return result;
    }

    /// <summary>Footers of files with several row groups, by number.</summary>
    private async Task<Dictionary<int, ParquetFooter>> FootersAsync(IReadOnlyList<TouchedFile> files, CancellationToken cancellationToken)
    {
        var result = new Dictionary<int, ParquetFooter>();
        if (files.Count == 0)
            return result;
        var fetched = session.Own(await target.Store.FetchAsync(target.Table, [.. files.Select(item => new WantedFile(item.File.Path, item.File.Size))], cancellationToken));
        foreach (var (item, path) in files.Zip(fetched.Paths))
        {
            if (path is not null && ParquetFooter.TryRead(path) is { Groups.Count: > 1 } footer && footer.Rows == item.File.NumRecords)
                result[item.Number] = footer;
        }

        return result;
    }

    /// <summary>For each file the positions of row groups with changed rows.</summary>
    private async Task<Dictionary<int, HashSet<int>>> ChangedAsync(MarkedRows marks, Dictionary<int, ParquetFooter> footers, CancellationToken cancellationToken)
    {
        var name = session.NextName("groups");
        await session.ExecuteAsync($"CREATE TEMP TABLE {name} (file BIGINT, number BIGINT, first BIGINT)", cancellationToken);
        var all = footers.SelectMany(item => item.Value.Groups.Select((group, number) => (File: item.Key, Number: number, group.First, group.Rows))).Where(group => group.Rows > 0);
        await session.AppendAsync(name, all, static (row, group, _) => row.AppendValue((long?)group.File).AppendValue((long?)group.Number).AppendValue((long?)group.First), cancellationToken);
        var result = footers.Keys.ToDictionary(file => file, _ => new HashSet<int>());
        foreach (var row in await session.RowsAsync($"SELECT DISTINCT g.file, g.number FROM {marks.Table} m ASOF JOIN {name} g ON m.file = g.file AND m.row >= g.first WHERE m.action > 0", cancellationToken))
            result[Convert.ToInt32(row[0], CultureInfo.InvariantCulture)].Add(Convert.ToInt32(row[1], CultureInfo.InvariantCulture));
        return result;
    }

    /// <summary>Rows that a deletion vector deletes must not come back.</summary>
    private async Task AddDeletedAsync(AddFile file, ParquetFooter footer, HashSet<int> groups, CancellationToken cancellationToken)
    {
        if (file.DeletionVector is not { } vector)
            return;
        var at = 0;
        foreach (var (first, last) in (await DeletionVectorReader.ReadAsync(target.Store, target.Table, vector, cancellationToken)).Ranges())
        {
            while (at < footer.Groups.Count && footer.Groups[at].End <= first)
                at++;
            for (var i = at; i < footer.Groups.Count && footer.Groups[i].First <= last; i++)
                groups.Add(i);
        }
    }

    private async Task<bool> CanCopyAsync(ReusedFile file, CancellationToken cancellationToken) =>
        file.Kept.Count > 0 && await _table.FitsAsync(file.File with { Path = file.Footer.Path }, target, cancellationToken) && await Task.Run(() => PageWalk.Fits(file.Footer, file.Kept, cancellationToken), cancellationToken);
}
