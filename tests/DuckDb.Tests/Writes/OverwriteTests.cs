using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Appends and overwrites: whole, by partition, by predicate; schemas and rules of the table.</summary>
public sealed class OverwriteTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Overwrite_replaces_all_rows_in_one_version_and_history_keeps_the_old()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1 AS id");
        await fixture.Table.OverwriteAsync(RowSource.Query("SELECT 2 AS id"), Cancel);
        Assert.Equal(["2"], await fixture.RowsAsync());
        Assert.Equal(["1"], await fixture.RowsAsync(version: 0));
    }

    [Fact]
    public async Task Overwrite_of_partitions_leaves_the_others_alone()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT * FROM (VALUES (1, 'a'), (2, NULL), (3, 'c d/%')) v(id, p)", ["p"]);
        await fixture.Table.WriteAsync(new WriteRequest(RowSource.Query("SELECT * FROM (VALUES (9, NULL), (8, 'c d/%')) v(id, p)")) { Mode = WriteMode.OverwritePartitions }, Cancel);
        Assert.Equal(["1 | a", "8 | c d/%", "9 | NULL"], await fixture.RowsAsync());
        Assert.Contains((await fixture.SnapshotAsync()).Files, file => file.PartitionValues["p"] is null);
    }

    [Fact]
    public async Task ReplaceWhere_refuses_new_rows_that_it_would_not_replace()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(id, p)");
        var fault = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.OverwriteAsync(RowSource.Query("SELECT * FROM (VALUES (3, 'a'), (4, 'b')) v(id, p)"), Cancel, "p = 'b'"));
        Assert.Contains("replaceWhere", fault.Message, StringComparison.Ordinal);
        Assert.Equal(["1 | a", "2 | b"], await fixture.RowsAsync());
        Assert.Single(Directory.GetFiles(fixture.Table.Path, "*.parquet"));
        await fixture.Table.OverwriteAsync(RowSource.Query("SELECT 4 AS id, 'b' AS p"), Cancel, "p = 'b'");
        Assert.Equal(["1 | a", "4 | b"], await fixture.RowsAsync());
    }

    [Fact]
    public async Task Delete_of_partitions_reads_no_file()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 3 AS p FROM range(30) r(i)", ["p"]);
        foreach (var path in Directory.GetFiles(fixture.Table.Path, "*.parquet", SearchOption.AllDirectories))
            File.WriteAllBytes(path, []);
        fixture.IsDamaged = true;
        var result = await fixture.Table.DeleteAsync("p = 1", Cancel);
        Assert.Equal((1, 10), (result["numRemovedFiles"], result["numDeletedRows"]));
        Assert.Equal(2, (await fixture.SnapshotAsync()).Files.Count);
    }

    [Fact]
    public async Task Delete_that_finds_nothing_commits_nothing()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1 AS id");
        Assert.Null((await fixture.Table.DeleteAsync("id = 2", Cancel)).Version);
        Assert.Equal(0, (await fixture.SnapshotAsync()).Version);
    }

    [Fact]
    public async Task Append_only_tables_refuse_changes_before_they_are_worked_out()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1 AS id", null, ("delta.appendOnly", "true"));
        await fixture.Table.AppendAsync(RowSource.Query("SELECT 2 AS id"), Cancel);
        var fault = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.DeleteAsync("id = 1", Cancel));
        Assert.Contains("delta.appendOnly", fault.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.OverwriteAsync(RowSource.Query("SELECT 2 AS id"), Cancel));
        await fixture.Table.OptimizeAsync(new OptimizeRequest(), Cancel);
        Assert.Single((await fixture.SnapshotAsync()).Files);
    }

    [Fact]
    public async Task Append_is_refused_for_unknown_columns_unless_the_schema_may_merge()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1::BIGINT AS id, {'a': 1} AS s");
        var source = RowSource.Query("SELECT 2 AS id, {'a': 2, 'b': 'x'} AS s, 'n' AS extra");
        var fault = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.AppendAsync(source, Cancel));
        Assert.Contains("'extra'", fault.Message, StringComparison.Ordinal);
        await fixture.Table.WriteAsync(new WriteRequest(source) { Schema = SchemaMode.Merge }, Cancel);
        Assert.Equal(["1 | 1 | NULL | NULL", "2 | 2 | x | n"], await fixture.RowsAsync("id, s.a, s.b, extra"));
        Assert.Equal(PrimitiveType.Long, (await fixture.SnapshotAsync()).Schema.Find("id")!.Type);
    }

    [Fact]
    public async Task An_application_version_is_written_once()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1 AS id");
        var request = new WriteRequest(RowSource.Query("SELECT 2 AS id")) { Application = new ApplicationVersion("job", 7), UserMetadata = "nightly" };
        Assert.Equal(1, (await fixture.Table.WriteAsync(request, Cancel)).Version);
        Assert.Null((await fixture.Table.WriteAsync(request, Cancel)).Version);
        Assert.Equal(2, (await fixture.RowsAsync()).Count);
    }

    [Fact]
    public async Task A_whole_number_that_does_not_fit_its_column_is_an_error()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1::INTEGER AS id");
        await fixture.Table.AppendAsync(RowSource.Query("SELECT 2::BIGINT AS id"), Cancel);
        await Assert.ThrowsAsync<DuckDbFaultException>(() => fixture.Table.AppendAsync(RowSource.Query("SELECT 3000000000::BIGINT AS id"), Cancel));
        Assert.Equal(["1", "2"], await fixture.RowsAsync());
    }

    [Fact]
    public async Task Partition_values_of_every_type_come_back_as_they_were()
    {
        using var fixture = new WriteFixture();
        const string Row = "1 AS id, 5::TINYINT AS a, 1.25::DOUBLE AS b, 12.50::DECIMAL(6,2) AS c, DATE '2024-02-29' AS d, TIMESTAMPTZ '2024-02-29 10:11:12.123456+00' AS e, TIMESTAMP '2024-02-29 10:11:12' AS f, true AS g, 'ü %/=' AS h, 'inf'::DOUBLE AS i";
        await fixture.CreateAsync($"SELECT {Row}", ["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
        Assert.Equal(["1 | 5 | 1.25 | 12.50 | 2024-02-29 | 1709201472123456 | 2024-02-29 10:11:12 | true | ü %/= | inf"],
            await fixture.RowsAsync("id, a, b::VARCHAR, c::VARCHAR, d::VARCHAR, epoch_us(e), f::VARCHAR, g::VARCHAR, h, i::VARCHAR"));
        Assert.Equal("2024-02-29T10:11:12.123456Z", (await fixture.SnapshotAsync()).Files[0].PartitionValues["e"]);
    }

    [Fact]
    public async Task Overwrite_may_replace_the_schema()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1 AS id, 'a' AS name");
        await fixture.Table.WriteAsync(new WriteRequest(RowSource.Query("SELECT DATE '2024-01-01' AS id, 2 AS other")) { Mode = WriteMode.Overwrite, Schema = SchemaMode.Overwrite }, Cancel);
        Assert.Equal(["2024-01-01 | 2"], await fixture.RowsAsync("id::VARCHAR, other"));
        Assert.Equal(["1 | a"], await fixture.RowsAsync(version: 0));
    }

    [Fact]
    public async Task An_operation_that_does_not_fit_says_which_setting_to_raise()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, repeat('x', 200) || hash(i) AS pad FROM range(400000) r(i)");
        var table = DeltaTable.At(fixture.Table.Path, new DeltaTableOptions { Engine = new DuckDbTableEngine(new DuckDbOptions { MemoryLimitMiB = 30, SpillPath = null }) }, TimeProvider.System);
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => table.Merge(RowSource.Query("SELECT i AS id, repeat('y', 200) || hash(i) AS pad FROM range(400000) r(i)"), "target.id = source.id").WhenMatchedUpdateAll().RunAsync(Cancel));
        Assert.Contains("DuckDbOptions.MemoryLimitMiB = 30", fault.Message, StringComparison.Ordinal);
        Assert.Contains("SpillPath", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await fixture.SnapshotAsync()).Version);
    }

    [Fact]
    public async Task A_merge_whose_source_is_larger_than_memory_spills_and_is_complete()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, 'x' || i AS pad FROM range(400000) r(i)");
        var options = new DuckDbOptions { MemoryLimitMiB = 100, Threads = 1, SpillPath = fixture.Options.SpillPath };
        const string Source = "SELECT i + 300000 AS id, repeat('y', 80) || hash(i) AS pad FROM range(1500000) r(i)";
        Task<OperationResult> MergeAsync(DuckDbOptions with) => DeltaTable.At(fixture.Table.Path, new DeltaTableOptions { Engine = new DuckDbTableEngine(with) }, TimeProvider.System)
            .Merge(RowSource.Query(Source), "target.id = source.id").WhenMatchedUpdateAll().RunAsync(Cancel);
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => MergeAsync(options with { SpillPath = null }));
        Assert.Contains("DuckDbOptions.MemoryLimitMiB = 100, nothing may spill", fault.Message, StringComparison.Ordinal);
        Assert.Equal(100_000, (await MergeAsync(options))["numTargetRowsUpdated"]);
        Assert.Equal(["400000 | 100000 | 79999800000"], await fixture.RowsAsync("count(*), count(*) FILTER (pad LIKE 'y%'), sum(id)::BIGINT"));
        // Only the folder of the session that is compared with is left.
        Assert.Single(Directory.GetFileSystemEntries(options.SpillPath!));
    }

    [Fact]
    public async Task A_clustered_table_is_put_in_the_order_of_its_domain_and_then_left_alone()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 7 AS grp FROM range(1000) r(i)", null, ("delta.feature.clustering", "supported"));
        var snapshot = await fixture.SnapshotAsync();
        var transaction = fixture.Table.BeginTransaction(snapshot).SetDomain("delta.clustering", """{"clusteringColumns":[["grp"],["id"]],"domainName":"delta.clustering"}""");
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("CLUSTER BY", new Dictionary<string, string>(), Cancel));
        Assert.Equal(2, (await fixture.Table.OptimizeAsync(new OptimizeRequest(), Cancel)).Version);
        var file = Assert.Single((await fixture.SnapshotAsync()).Files);
        Assert.Equal("liquid", file.ClusteringProvider);
        Assert.Null((await fixture.Table.OptimizeAsync(new OptimizeRequest(), Cancel)).Version);
        Assert.Equal(1000, (await fixture.RowsAsync()).Count);
    }
}
