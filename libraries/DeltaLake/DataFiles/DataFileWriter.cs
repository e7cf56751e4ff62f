using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Writes rows as data files. A file is complete and flushed before it is returned; without a commit it is only an orphan.</summary>
internal sealed class DataFileWriter(string table, DeltaTableOptions options, TimeProvider time)
{
    public async Task<IReadOnlyList<AddFile>> WriteAsync(RowSchema schema, IReadOnlyList<string> partitionColumns, IReadOnlyList<ColumnBatch> batches, CancellationToken cancellationToken)
    {
        CheckNulls(schema, batches);
        List<AddFile> files = [];
        var part = 0;
        foreach (var (values, slices) in PartitionSplit.Split(table, partitionColumns, batches))
        {
            if (slices.Sum(slice => slice.Count) > 0)
                files.Add(await WriteFileAsync(schema, partitionColumns, values, slices, part++, cancellationToken));
        }

        return files;
    }

    private async Task<AddFile> WriteFileAsync(RowSchema schema, IReadOnlyList<string> partitionColumns, IReadOnlyDictionary<string, string?> values, List<RowSlice> slices, int part, CancellationToken cancellationToken)
    {
        var snappy = options.Compression == "snappy";
        var folder = string.Join('/', partitionColumns.Select(column => PathEncoding.PartitionFolder(column, values[column])));
        var name = $"part-{part:D5}-{options.NewId()}-c000.{(snappy ? "snappy" : "zstd")}.parquet";
        var relative = folder.Length == 0 ? name : $"{folder}/{name}";
        var path = Path.Combine(table, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var chunks = schema.Fields.Where(field => !partitionColumns.Contains(field.Name)).Select(ColumnChunk.Create).ToList();
        var parquet = new ParquetOptions { CompressionMethod = snappy ? CompressionMethod.Snappy : CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        var rows = slices.Sum(slice => slice.Count);
        List<ColumnStatistics> statistics = [];
        try
        {
            await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1 << 18);
            await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(chunks.Select(chunk => (Parquet.Schema.Field)chunk.Parquet)), stream, parquet, false, cancellationToken))
            {
                using var group = writer.CreateRowGroup();
                foreach (var chunk in chunks)
                {
                    try
                    {
                        if (await chunk.WriteAsync(group, slices, rows, statistics.Count < StatisticsJson.IndexedColumns, cancellationToken) is { } measured)
                            statistics.Add(measured);
                    }
                    catch (Exception exception) when (exception is OverflowException or InvalidCastException)
                    {
                        throw new DeltaException(table, $"column '{chunk.Field.Name}': {exception.Message}; expected values of type {chunk.Field.Type}.", exception);
                    }
                }
            }

            stream.Flush(flushToDisk: true);
            return new AddFile(relative, values, stream.Length, time.GetUtcNow().ToUnixTimeMilliseconds(), true, rows, StatisticsJson.Write(rows, statistics));
        }
        catch
        {
            // The half-written file is of no use; where even this fails (disk gone) it stays as an orphan.
            TryDelete(path);
            throw;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The first fault is the one to report.
        }
    }

    private void CheckNulls(RowSchema schema, IReadOnlyList<ColumnBatch> batches)
    {
        foreach (var field in schema.Fields)
        {
            foreach (var batch in batches)
            {
                var column = batch.Find(field.Name) ?? throw new DeltaException(table, $"column '{field.Name}' is missing in the rows to write; expected every column of the schema.");
                if (!field.Nullable && column.NullCount > 0)
                    throw new DeltaException(table, $"column '{field.Name}' has {column.NullCount} null rows; expected none: it is not nullable.");
            }
        }
    }
}
