using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Bulk writes of partitioned tables end files at the target size.</summary>
public sealed class PartitionSizeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Large_partitions_become_files_of_about_the_target_size()
    {
        using var fixture = new WriteFixture();
        const string Rows = "SELECT i AS id, CASE WHEN i % 10 = 0 THEN 'small' WHEN i % 10 = 1 THEN NULL ELSE 'large' END AS part, hash(i)::VARCHAR AS text FROM range(2000000) r(i)";
        const long Target = 4 << 20;
        await fixture.CreateAsync(Rows, ["part"], ("delta.targetFileSize", "4mb"));
        var files = (await fixture.SnapshotAsync()).Files;
        var large = files.Where(file => file.PartitionValues["part"] == "large").ToList();
        Assert.True(large.Count > 2, $"{large.Count} files");
        Assert.All(files, file => Assert.InRange(file.Size, 1, Target * 3 / 2));
        Assert.All(large, file => Assert.InRange(file.Size, Target / 2, Target * 3 / 2));
        // What was shared out is gone, and nothing else lies about.
        Assert.Equal(files.Count, Directory.GetFiles(fixture.Table.Path, "*.parquet", SearchOption.AllDirectories).Length);
        await fixture.OracleAsync($"CREATE TABLE o AS {Rows}");
        const string Digest = "count(*), sum(hash(id, part, text))::VARCHAR, min(id), max(id)";
        Assert.Equal(await fixture.OracleRowsAsync($"SELECT {Digest} FROM o"), await fixture.RowsAsync(Digest));
        foreach (var file in files)
        {
            Assert.Equal(file.NumRecords, (await RowGroups.IndependentReaders.WithParquetNetAsync(Path.Combine(fixture.Table.Path, file.Path), "id")).Rows);
            Assert.Contains($"\"numRecords\":{file.NumRecords}", file.Stats, StringComparison.Ordinal);
        }

        // The statistics are those of each file's own rows.
        await fixture.Table.DeleteAsync("id = 1999999", Cancel);
        Assert.Equal(1_999_999, (await fixture.SnapshotAsync()).RowCount);
    }
}
