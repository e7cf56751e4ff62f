using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Which files an operation has to look into.</summary>
internal static class Candidates
{
    /// <summary>Files that may have rows for which a predicate is true.</summary>
    public static IReadOnlyList<AddFile> Of(Snapshot snapshot, DeltaExpression? where) => where is null ? snapshot.Files : FilePruning.Prune(snapshot, where).Files;

    /// <summary>The same question about files that concurrent commits add; null: any.</summary>
    public static Func<AddFile, bool>? MayMatch(Snapshot snapshot, DeltaExpression? where) => where is null ? null : file => FilePruning.Match(snapshot, where, file) != FileMatch.NoRow;

    /// <summary>The files for whose partition values a predicate is true. Exact: asked of the engine that would filter the rows.</summary>
    public static async Task<IReadOnlyList<AddFile>> ByPartitionAsync(DuckDbSession session, Snapshot snapshot, IReadOnlyList<AddFile> files, DeltaExpression where, CancellationToken cancellationToken)
    {
        const int FilesAtOnce = 500;
        var fields = snapshot.PartitionColumns.Select(name => snapshot.Schema.Find(name)!).ToList();
        var condition = new RowSql(null).Render(where);
        List<AddFile> result = [];
        for (var start = 0; start < files.Count; start += FilesAtOnce)
        {
            var rows = files.Skip(start).Take(FilesAtOnce).Select((file, i) =>
                $"SELECT {start + i} AS __file{string.Concat(fields.Select(field => $", {PartitionSql.ValueOf(field.Type, file.PartitionValues.GetValueOrDefault(field.PhysicalName))} AS {SqlText.Identifier(field.Name)}"))}");
            foreach (var row in await session.RowsAsync($"SELECT __file FROM ({string.Join(" UNION ALL ", rows)}) t WHERE {condition} ORDER BY 1", cancellationToken))
                result.Add(files[Convert.ToInt32(row[0], System.Globalization.CultureInfo.InvariantCulture)]);
        }

        return result;
    }
}
