using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>OPTIMIZE, VACUUM and RESTORE.</summary>
public sealed class MaintenanceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Optimize_packs_small_files_by_partition_without_changing_data_and_then_finds_nothing_to_do()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 2 AS p FROM range(100) r(i)", ["p"]);
        for (var part = 1; part < 4; part++)
            await fixture.Table.AppendAsync(RowSource.Query($"SELECT i AS id, i % 2 AS p FROM range({part * 100}, {(part + 1) * 100}) r(i)"), Cancel);
        var before = await fixture.RowsAsync();
        var result = await fixture.Table.OptimizeAsync(new OptimizeRequest(), Cancel);
        Assert.Equal((8, 2), (result["numRemovedFiles"], result["numAddedFiles"]));
        Assert.Equal(before, await fixture.RowsAsync());
        Assert.All((await fixture.SnapshotAsync()).Files, file => Assert.False(file.DataChange));
        Assert.Null((await fixture.Table.OptimizeAsync(new OptimizeRequest(), Cancel)).Version);
        Assert.Equal(4, (await fixture.SnapshotAsync()).Version);
    }

    [Fact]
    public async Task Optimize_commits_batches_and_tells_its_progress()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 3 AS p FROM range(90) r(i)", ["p"]);
        await fixture.Table.AppendAsync(RowSource.Query("SELECT i AS id, i % 3 AS p FROM range(90, 180) r(i)"), Cancel);
        var progress = new Reported();
        await fixture.Table.OptimizeAsync(new OptimizeRequest { MaxCommitBytes = 1, Progress = progress }, Cancel);
        Assert.Equal(4, (await fixture.SnapshotAsync()).Version);
        Assert.Equal([2L, 4, 6], progress.Done);
        Assert.Equal(180, (await fixture.RowsAsync()).Count);
    }

    [Fact]
    public async Task Z_order_puts_rows_together_that_are_alike_in_both_columns()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(hash(i) % 1000 AS BIGINT) AS a, CAST(hash(i + 7) % 1000 AS BIGINT) AS b, repeat('x', 50) || hash(i) AS pad FROM range(60000) r(i)");
        await fixture.Table.OptimizeAsync(new OptimizeRequest { ZOrderBy = ["a", "b"], TargetFileBytes = 40_000 }, Cancel);
        var snapshot = await fixture.SnapshotAsync();
        Assert.True(snapshot.Files.Count >= 8, $"{snapshot.Files.Count} files");
        foreach (var column in new[] { "a", "b" })
        {
            var where = DeltaLake.Expressions.DeltaExpression.Parse($"{column} < 50").ResolvePredicate(snapshot.Schema, DateTimeOffset.UnixEpoch);
            var pruned = FilePruning.Prune(snapshot, where);
            Assert.True(pruned.Skipped * 2 > snapshot.Files.Count, $"{column}: skipped {pruned.Skipped} of {snapshot.Files.Count}");
        }

        Assert.Equal(60_000, snapshot.RowCount);
        Assert.Null((await fixture.Table.OptimizeAsync(new OptimizeRequest { ZOrderBy = ["a", "b"], TargetFileBytes = 40_000 }, Cancel)).Version);
    }

    [Fact]
    public async Task Files_of_a_partition_are_split_by_size_too()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, 'p ' || (i % 2) AS p, CAST(hash(i) % 1000 AS BIGINT) AS a, repeat('x', 20) || hash(i) AS pad FROM range(60000) r(i)", ["p"]);
        var rows = await fixture.RowsAsync();
        await fixture.Table.OptimizeAsync(new OptimizeRequest { ZOrderBy = ["a"], TargetFileBytes = 60_000 }, Cancel);
        var files = (await fixture.SnapshotAsync()).Files;
        Assert.Equal(["p 0", "p 1"], files.Select(file => file.PartitionValues["p"]).Distinct().Order(StringComparer.Ordinal));
        Assert.True(files.Count >= 6, $"{files.Count} files");
        Assert.All(files, file => Assert.StartsWith("p=p%20", file.Path, StringComparison.Ordinal));
        Assert.Equal(rows, await fixture.RowsAsync());
    }

    [Fact]
    public async Task Vacuum_deletes_data_and_change_files_that_no_version_needs_and_nothing_else()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, i % 2 AS _p FROM range(10) r(i)", ["_p"], ("delta.enableChangeDataFeed", "true"));
        await fixture.Table.UpdateAsync("id = 3", new Dictionary<string, string> { ["id"] = "33" }, Cancel);
        var rows = await fixture.RowsAsync();
        var root = fixture.Table.Path;
        Directory.CreateDirectory(Path.Combine(root, "_spark_metadata"));
        foreach (var name in new[] { "orphan.parquet", "_hidden.parquet", ".dot", "_spark_metadata/0", "_p=0/orphan.parquet" })
            File.WriteAllText(Path.Combine(root, name), "x");
        Age(root, "orphan.parquet", "_hidden.parquet", ".dot", "_spark_metadata/0");
        var files = Files(root);

        var dry = await fixture.Table.VacuumAsync(new VacuumRequest { Retention = TimeSpan.Zero, AllowShortRetention = true, DryRun = true }, Cancel);
        Assert.Equal(files, Files(root));
        var result = await fixture.Table.VacuumAsync(new VacuumRequest { Retention = TimeSpan.Zero, AllowShortRetention = true }, Cancel);
        Assert.Equal(dry.Files, result.Files);
        Assert.Equal(rows, await fixture.RowsAsync());
        var gone = files.Except(Files(root)).ToList();
        Assert.Equal(result.Files.Count, gone.Count);
        Assert.Contains(gone, path => path.StartsWith("_p=1/part-", StringComparison.Ordinal));
        Assert.Contains(gone, path => path.StartsWith("_change_data/", StringComparison.Ordinal));
        Assert.Contains("orphan.parquet", gone);
        Assert.Contains("_p=0/orphan.parquet", gone);
        Assert.DoesNotContain(gone, path => path is "_hidden.parquet" or ".dot" or "_spark_metadata/0");
    }

    [Fact]
    public async Task Restore_brings_rows_schema_and_properties_back_as_a_new_version()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id FROM range(5) r(i)");
        await fixture.Table.DeleteAsync("id > 2", Cancel);
        await fixture.Table.WriteAsync(new WriteRequest(RowSource.Query("SELECT 9::BIGINT AS id, 'x' AS note")) { Schema = SchemaMode.Merge }, Cancel);
        var result = await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel);
        Assert.Equal(3, result.Version);
        Assert.Equal(["0", "1", "2", "3", "4"], await fixture.RowsAsync());
        Assert.Equal(1, result["numRestoredFiles"]);
        Assert.Equal(2, result["numRemovedFiles"]);
        Assert.Equal(2, (await fixture.RowsAsync("*", 2)).Count(row => row.StartsWith('9') || row.StartsWith('2')));
    }

    [Fact]
    public async Task Restore_names_files_that_are_gone()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT 1 AS id");
        await fixture.Table.OverwriteAsync(RowSource.Query("SELECT 2 AS id"), Cancel);
        await fixture.Table.VacuumAsync(new VacuumRequest { Retention = TimeSpan.Zero, AllowShortRetention = true }, Cancel);
        var path = (await fixture.SnapshotAsync(0)).Files[0].Path;
        var fault = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.RestoreAsync(new RestoreRequest { Version = 0 }, Cancel));
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 0, IgnoreMissingFiles = true }, Cancel);
        Assert.Empty(await fixture.RowsAsync());
    }

    private static void Age(string root, params string[] names)
    {
        foreach (var name in names)
            File.SetLastWriteTimeUtc(Path.Combine(root, name), DateTime.UnixEpoch.AddDays(10_000));
    }

    private static IReadOnlyList<string> Files(string root) =>
        [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Where(path => !path.StartsWith("_delta_log", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private sealed class Reported : IProgress<OperationProgress>
    {
        public List<long> Done { get; } = [];

        public void Report(OperationProgress value) => Done.Add(value.Done);
    }
}
