using Apache.Arrow;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Marks rows as deleted: one file of deletion vectors for an operation, and the files' adds with them.</summary>
internal sealed class VectorWriter(DuckDbSession session, DataFiles data, Snapshot target)
{
    /// <summary>The touched files with their new vectors; files of which no row is left are not among them.</summary>
    public async Task<IReadOnlyList<AddFile>> WriteAsync(string marks, IReadOnlyList<TouchedFile> touched, CancellationToken cancellationToken)
    {
        var kept = touched.Where(item => !item.IsGone).ToDictionary(item => item.Number);
        if (kept.Count == 0)
            return [];
        var id = Guid.NewGuid();
        var name = $"deletion_vector_{id:D}.bin";
        var root = data.Open(target, name);
        List<AddFile> result = [];
        await using (var file = await DeletionVectorFile.CreateAsync(root, id, cancellationToken))
        {
            var (number, rows) = (-1, new RoaringBitmap64());
            using var query = await session.OpenArrowAsync($"SELECT file, row FROM {marks} WHERE action > 0 ORDER BY file, row", cancellationToken);
            await foreach (var batch in query.ReadAsync(cancellationToken))
            {
                using (batch)
                {
                    var (files, positions) = ((Int64Array)batch.Column(0), (Int64Array)batch.Column(1));
                    for (var i = 0; i < batch.Length; i++)
                    {
                        if (files.Values[i] != number)
                        {
                            await AddAsync(file, number, rows);
                            (number, rows) = ((int)files.Values[i], new RoaringBitmap64());
                        }

                        rows.Add(positions.Values[i]);
                    }
                }
            }

            await AddAsync(file, number, rows);
            await file.CompleteAsync(cancellationToken);
        }

        await data.PublishAsync([name], cancellationToken);

        return result;

        async Task AddAsync(DeletionVectorFile file, int number, RoaringBitmap64 rows)
        {
            if (!kept.TryGetValue(number, out var item))
                return;
            if (item.File.DeletionVector is { } old)
                rows.UnionWith(await DeletionVectorReader.ReadAsync(target.Store, target.Table, old, cancellationToken));
            var count = item.File.NumRecords >= 0 ? item.File.NumRecords : await CountAsync(item.File, cancellationToken);
            if (rows.Cardinality == count)
                return;
            result.Add(item.File with { DeletionVector = await file.AddAsync(rows, cancellationToken), NumRecords = count, Stats = Widened(item.File.Stats, count), DataChange = true });
        }
    }

    private async Task<long> CountAsync(AddFile file, CancellationToken cancellationToken)
    {
        using var fetched = await target.Store.FetchAsync(target.Table, [new WantedFile(file.Path, file.Size)], cancellationToken);
        return await session.CountAsync($"SELECT num_rows FROM parquet_file_metadata({SqlText.Literal(fetched.Paths[0] ?? TableScan.PathOf(target.Table, file.Path))})", cancellationToken);
    }

    /// <summary>Statistics of a file with a vector must tell the physical rows, and that their bounds may be wider than the rows left.</summary>
    private static string Widened(string? stats, long rows)
    {
        if (stats is null)
            return string.Create(CultureInfo.InvariantCulture, $"{{\"numRecords\":{rows},\"tightBounds\":false}}");
        // Numbers stay as they are written: a decimal must not go through a double.
        var json = JsonNode.Parse(stats)!.AsObject();
        json["numRecords"] = rows;
        json["tightBounds"] = false;
        return json.ToJsonString(s_plain);
    }

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
