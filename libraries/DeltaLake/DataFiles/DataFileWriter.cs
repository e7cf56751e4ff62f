using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Writes rows as data files: completes them, checks the table's rules, splits them by partition. A file is complete and flushed before it is
/// returned; without a commit it is only an orphan.
/// </summary>
internal sealed class DataFileWriter(TableShape shape, DeltaTableOptions options, TimeProvider time, IdentityReservations reservations)
{
    public async Task<IReadOnlyList<AddFile>> WriteAsync(IReadOnlyList<ColumnBatch> batches, CancellationToken cancellationToken)
    {
        shape.Rules.RequireRows();
        using var stage = options.Store.Stage(shape.Table);
        CheckColumns(batches);
        var identity = new IdentityFill(shape, reservations);
        batches = identity.Complete(batches);
        List<ColumnBatch> complete = [.. batches.Where(batch => batch.Count > 0).Select(shape.Rules.Complete)];
        complete.ForEach(shape.Rules.Check);
        List<AddFile> files = [];
        foreach (var (values, slices) in PartitionSplit.Split(shape, complete))
        {
            if (slices.Sum(slice => slice.Count) > 0)
                files.Add(await WriteFileAsync(stage, values, slices, files.Count, cancellationToken) with { Identity = identity.Given, Unnumbered = shape.Unnumbered });
        }

        return files;
    }

    private async Task<AddFile> WriteFileAsync(IStagedFiles stage, IReadOnlyDictionary<string, string?> values, List<RowSlice> slices, int part, CancellationToken cancellationToken)
    {
        var snappy = options.Compression == "snappy";
        var folder = string.Join('/', shape.Partitions.Select(field => PathEncoding.PartitionFolder(field.PhysicalName, values[field.PhysicalName])));
        var name = $"part-{part:D5}-{options.NewId()}-c000.{(snappy ? "snappy" : "zstd")}.parquet";
        var relative = folder.Length == 0 ? name : $"{folder}/{name}";
        var path = Path.Combine(stage.Root, relative);
        LocalTableStore.Writing(path, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
        var chunks = shape.Stored.Select(field => ColumnChunk.Create(shape.Table, field, shape.IsMapped)).ToList();
        var indexed = shape.Statistics.Leaves.Select(leaf => leaf[0].Name).ToHashSet(StringComparer.Ordinal);
        var parquet = new ParquetOptions { CompressionMethod = snappy ? CompressionMethod.Snappy : CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        var rows = slices.Sum(slice => slice.Count);
        List<ColumnStatistics> statistics = [];
        try
        {
            long size;
            await using (var stream = LocalTableStore.Writing(path, () => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1 << 18)))
            {
                await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(chunks.Select(chunk => (Parquet.Schema.Field)chunk.Parquet)), stream, parquet, false, cancellationToken))
                {
                    using var group = writer.CreateRowGroup();
                    foreach (var chunk in chunks)
                    {
                        try
                        {
                            if (await chunk.WriteAsync(group, slices, rows, indexed.Contains(chunk.Field.Name), cancellationToken) is { } measured)
                                statistics.Add(measured);
                        }
                        catch (OverflowException exception)
                        {
                            throw new DeltaException(shape.Table, $"column '{chunk.Field.Name}': {exception.Message}; expected values of type {chunk.Field.Type}.", exception);
                        }
                    }
                }

                stream.Flush(options.Store.IsLocal);
                size = stream.Length;
            }

            await stage.PublishAsync([relative], cancellationToken);
            return new AddFile(relative, values, size, time.GetUtcNow().ToUnixTimeMilliseconds(), true, rows, StatisticsJson.Write(rows, statistics));
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

    /// <summary>Schema enforcement: no column that the table does not have, none of another type.</summary>
    private void CheckColumns(IReadOnlyList<ColumnBatch> batches)
    {
        foreach (var rows in batches.Select(batch => batch.Schema).Distinct())
            SchemaRules.CheckRows(shape.Table, rows.Fields.Select(field => field.Name));
        foreach (var field in batches.SelectMany(batch => batch.Schema.Fields).Distinct())
        {
            if (shape.Schema.Find(field.Name) is not { } column)
                throw new DeltaException(shape.Table, $"column '{field.Name}' of the rows to write is not in the table's schema; expected one of {string.Join(", ", shape.Schema.Fields.Select(item => item.Name))}; add the column to the table first.");
            if (!RowTypes.Fits(field, column.Type))
                throw new DeltaException(shape.Table, $"column '{field.Name}' of the rows to write is of type {field.Type}; expected {column.Type}; convert the rows, or change the column's type first.");
        }
    }
}
