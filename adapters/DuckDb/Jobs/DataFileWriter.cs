using System.Collections;
using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Expressions;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>Writes the rows of a query as Parquet data files of a Delta table: durable, described, not yet visible.</summary>
internal sealed class DataFileWriter(DuckDbSession session, DeltaTable table, DuckDbOptions options)
{
    private readonly List<string> _written = [];

    /// <param name="target">The table as it is, or null for a new one: rules that it has hold for every row.</param>
    public async Task<IReadOnlyList<AddFile>> WriteAsync(string query, RowSchema schema, IReadOnlyList<string> partitionColumns, Snapshot? target, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(table.Path);
        if (target is not null)
            query = RuleSql.Guarded(query, table.RulesOf(target, schema).Checks);
        if (partitionColumns.Count == 0)
            return await CopyAsync(query, schema, new Dictionary<string, string?>(), cancellationToken);

        var files = new List<AddFile>();
        var columns = SqlText.Identifiers(partitionColumns);
        var texts = string.Join(", ", partitionColumns.Select(column => $"CAST({SqlText.Identifier(column)} AS VARCHAR)"));
        foreach (var row in await session.RowsAsync($"SELECT DISTINCT {texts} FROM ({query}) ORDER BY ALL", cancellationToken))
        {
            var values = partitionColumns.Select((column, i) => (column, Value: (string?)row[i])).ToDictionary(pair => pair.column, pair => pair.Value);
            var filter = string.Join(" AND ", values.Select(pair =>
                $"CAST({SqlText.Identifier(pair.Key)} AS VARCHAR) IS NOT DISTINCT FROM {(pair.Value is null ? "NULL" : SqlText.Literal(pair.Value))}"));
            files.AddRange(await CopyAsync($"SELECT * EXCLUDE ({columns}) FROM ({query}) WHERE {filter}", schema, values, cancellationToken));
        }

        return files;
    }

    /// <summary>Deletes what was written, after a commit that did not happen.</summary>
    public void Discard()
    {
        foreach (var path in _written)
            File.Delete(path);
        _written.Clear();
    }

    private async Task<IReadOnlyList<AddFile>> CopyAsync(string query, RowSchema schema, Dictionary<string, string?> partitionValues, CancellationToken cancellationToken)
    {
        var copy = string.Create(CultureInfo.InvariantCulture,
            $"COPY ({query}) TO {SqlText.Literal(table.Path)} (FORMAT PARQUET, COMPRESSION ZSTD, FILE_SIZE_BYTES '{options.TargetFileMiB}MiB', FILENAME_PATTERN 'part-{{uuid}}', OVERWRITE_OR_IGNORE true, RETURN_FILES true)");
        var row = (await session.RowsAsync(copy, cancellationToken))[0];
        var files = new List<AddFile>();
        foreach (var path in ((IList)row[1]!).Cast<string>())
        {
            _written.Add(path);
            // The commit must not become durable before the rows it names.
            using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
                RandomAccess.FlushToDisk(handle);
            var file = await table.DescribeFileAsync(Path.GetRelativePath(table.Path, path), schema, partitionValues, cancellationToken);
            if (file.NumRecords != 0)
                files.Add(file);
        }

        return files;
    }
}
