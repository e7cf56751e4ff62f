using System.Text.Json;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

public sealed class NestedOrderTests
{
    private const string Rows = "SELECT CAST(i AS BIGINT) AS id, struct_pack(x := CAST(hash(i) % 1000 AS INTEGER), y := struct_pack(z := CAST(hash(i + 7) % 1000 AS INTEGER))) AS pos FROM range(20000) r(i)";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("none")]
    [InlineData("name")]
    public async Task A_table_is_clustered_by_fields_inside_structs(string mapping)
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows, null, ("delta.feature.clustering", "supported"), ("delta.columnMapping.mode", mapping), ("delta.dataSkippingNumIndexedCols", "0"));
        var snapshot = await fixture.SnapshotAsync();
        var pos = snapshot.Schema.Find("pos")!;
        var (x, y) = (((StructType)pos.Type).Find("x")!, ((StructType)pos.Type).Find("y")!);
        var z = ((StructType)y.Type).Find("z")!;
        var columns = JsonSerializer.Serialize(new[] { new[] { pos.PhysicalName, y.PhysicalName, z.PhysicalName }, [pos.PhysicalName, x.PhysicalName] });
        await fixture.Table.BeginTransaction(snapshot).SetDomain("delta.clustering", $"{{\"clusteringColumns\":{columns},\"domainName\":\"delta.clustering\"}}").CommitAsync("CLUSTER BY", new Dictionary<string, string>(), Cancel);
        await fixture.Table.OptimizeAsync(new OptimizeRequest { TargetFileBytes = 20_000 }, Cancel);
        await RequirePrunedAsync(fixture, "pos.y.z BETWEEN 100 AND 150 AND pos.x < 100");
        Assert.All((await fixture.SnapshotAsync()).Files, file => Assert.Equal("liquid", file.ClusteringProvider));
        Assert.Null((await fixture.Table.OptimizeAsync(new OptimizeRequest(), Cancel)).Version);
    }

    [Fact]
    public async Task Rows_are_put_in_the_order_of_fields_inside_structs()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows);
        await fixture.Table.OptimizeAsync(new OptimizeRequest { TargetFileBytes = 20_000, ZOrderBy = ["POS.x"] }, Cancel);
        await RequirePrunedAsync(fixture, "pos.x BETWEEN 500 AND 520");
        var error = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.OptimizeAsync(new OptimizeRequest { ZOrderBy = ["pos.y"] }, Cancel));
        Assert.Contains("Z-ORDER was asked for by 'pos.y'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The same rows as before, and a query that reads less than half of the files.</summary>
    private static async Task RequirePrunedAsync(WriteFixture fixture, string where)
    {
        PrunedFiles? pruned = null;
        long found = 0;
        await foreach (var batch in fixture.Open().ReadAsync(new ReadOptions { Where = where, OnPruned = files => pruned = files }, Cancel))
        {
            using (batch)
                found += batch.Length;
        }

        await fixture.OracleAsync($"CREATE OR REPLACE TABLE o AS {Rows}");
        Assert.Equal((await fixture.OracleRowsAsync($"SELECT count(*) FROM o WHERE {where}"))[0], found.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var all = (await fixture.SnapshotAsync()).Files.Count;
        Assert.True(all >= 3 && pruned!.Files.Count * 2 < all, $"{pruned!.Files.Count} of {all} files");
        Assert.Equal(20_000, (await fixture.RowsAsync("id")).Count);
    }
}
