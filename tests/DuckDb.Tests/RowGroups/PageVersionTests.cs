using Apache.Arrow;
using ParquetSharp;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Tests.Writes;

namespace RealTimeMesh.DuckDb.Tests.RowGroups;

/// <summary>Checkpoints of writers that put their rows into data pages of version 2.</summary>
public sealed class PageVersionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Compression.Snappy, true, false)]
    [InlineData(Compression.Zstd, false, false)]
    [InlineData(Compression.Gzip, true, false)]
    [InlineData(Compression.Brotli, false, true)]
    [InlineData(Compression.Uncompressed, true, false)]
    [InlineData(Compression.Snappy, false, true)]
    public async Task A_checkpoint_with_data_pages_of_version_2_is_read(Compression compression, bool dictionary, bool delta)
    {
        using var fixture = new WriteFixture { IsDamaged = true };
        await fixture.CreateAsync("SELECT CAST(i AS BIGINT) AS id, 'g' || (i % 3) AS grp FROM range(30) r(i)", ["grp"], ("delta.enableDeletionVectors", "true"), ("delta.enableRowTracking", "true"), ("delta.checkpoint.writeStatsAsStruct", "true"));
        for (var i = 0; i < 3; i++)
            await fixture.Table.AppendAsync(RowSource.Query($"SELECT CAST({100 + i} AS BIGINT) AS id, CASE WHEN {i} = 1 THEN NULL ELSE 'h' END AS grp"), Cancel);
        await fixture.Table.DeleteAsync("id = 3", Cancel);
        var before = await fixture.SnapshotAsync();
        await fixture.Table.WriteCheckpointAsync(Cancel);
        var log = Path.Combine(fixture.Table.Path, "_delta_log");
        foreach (var file in Directory.EnumerateFiles(log, "*.checkpoint*.parquet", SearchOption.AllDirectories).ToList())
            await RewriteAsync(file, compression, dictionary, delta);
        foreach (var file in Directory.EnumerateFiles(log, "*.json"))
            File.Delete(file);

        List<string> faults = [];
        var after = await DeltaTable.At(fixture.Table.Path, new DeltaTableOptions { OnFault = (text, fault) => faults.Add($"{text}: {fault}") }, TimeProvider.System).GetSnapshotAsync(null, Cancel);
        Assert.Empty(faults);
        Assert.Equal(before.Version, after!.Version);
        Assert.Equal(before.Schema, after.Schema);
        Assert.Equal(before.Files.Select(Text).Order(), after.Files.Select(Text).Order());
        Assert.Equal(before.Domains, after.Domains);
        Assert.Equal(before.Protocol.WriterFeatures, after.Protocol.WriterFeatures);
    }

    [Fact]
    public async Task A_torn_file_is_a_fault_and_no_rows()
    {
        using var fixture = new WriteFixture { IsDamaged = true };
        await fixture.CreateAsync("SELECT CAST(i AS BIGINT) AS id FROM range(30) r(i)");
        await fixture.Table.WriteCheckpointAsync(Cancel);
        var file = Directory.GetFiles(Path.Combine(fixture.Table.Path, "_delta_log"), "*.checkpoint.parquet").Single();
        await RewriteAsync(file, Compression.Zstd, dictionary: true, delta: false);
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var torn = bytes.ToArray();
            for (var hit = 0; hit < 3; hit++)
                torn[random.Next(4, torn.Length - 8)] ^= (byte)random.Next(1, 256);
            try
            {
                PageVersions.Lower(torn);
            }
            catch (Exception exception) when (exception is not (OutOfMemoryException or StackOverflowException))
            {
                // Any fault will do: the log before the checkpoint is used then.
            }
        }
    }

    private static string Text(AddFile file) => $"{file.Path} {file.Stats} {file.DeletionVector} {file.BaseRowId} {file.DefaultRowCommitVersion} {file.Size} {string.Join(",", file.PartitionValues)}";

    private static async Task RewriteAsync(string path, Compression compression, bool dictionary, bool delta)
    {
        using (var builder = new WriterPropertiesBuilder().DataPageVersion(ParquetDataPageVersion.V2).Version(ParquetVersion.PARQUET_2_6).Compression(compression).MaxRowGroupLength(4).DataPagesize(64))
        {
            if (!dictionary)
                builder.DisableDictionary();
            using var reader = new ParquetSharp.Arrow.FileReader(path);
            for (var i = 0; delta && i < reader.ParquetReader.FileMetaData.Schema.NumColumns; i++)
            {
                var column = reader.ParquetReader.FileMetaData.Schema.Column(i);
                builder.DisableDictionary(column.Path).Encoding(column.Path, column.PhysicalType switch
                {
                    PhysicalType.ByteArray => Encoding.DeltaByteArray,
                    PhysicalType.Boolean => Encoding.Rle,
                    _ => Encoding.DeltaBinaryPacked,
                });
            }

            using var properties = builder.Build();
            using var writer = new ParquetSharp.Arrow.FileWriter(path + ".new", reader.Schema, properties);
            using var batches = reader.GetRecordBatchReader();
            while (await batches.ReadNextRecordBatchAsync(Cancel) is { } batch)
            {
                using (batch)
                    writer.WriteRecordBatch(batch);
            }

            writer.Close();
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
