using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests;

public sealed class BuildTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silver_first_build_joins_references_and_reads_every_partition()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5), (2, "CCC", null), (3, "ZZZ", -1), (4, null, 7));
        var result = await lake.BuildAsync("silver.flights");
        Assert.True(result.Changed);
        Assert.Equal(4, result.Rows);
        Assert.Equal(0, result.SourceVersion);
        Assert.Equal(["1 | AAA | Alpha | 5", "2 | CCC | Gamma, the third | NULL", "3 | ZZZ | NULL | -1", "4 | NULL | NULL | 7"], await lake.RowsAsync("silver.flights", "id, airport, city, delay"));
    }

    [Fact]
    public async Task Build_does_nothing_when_the_source_has_no_new_version()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        var first = await lake.BuildAsync("silver.flights");
        var second = await lake.BuildAsync("silver.flights");
        Assert.False(second.Changed);
        Assert.Equal(first.Version, second.Version);
    }

    [Fact]
    public async Task Build_says_so_when_the_source_does_not_exist_yet()
    {
        using var lake = new LakeFixture();
        var result = await lake.BuildAsync("silver.flights");
        Assert.False(result.Changed);
        Assert.Equal((-1, -1), (result.SourceVersion, result.Version));
    }

    [Fact]
    public async Task Row_wise_build_reads_only_new_files_and_appends_without_rewriting()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5), (2, "BBB", 6));
        await lake.BuildAsync("silver.flights");
        var before = await lake.Engine.TableOf(lake.Table("silver.flights")).GetSnapshotAsync(null, Cancel);
        await lake.AppendAsync((3, "AAA", 7));
        var result = await lake.BuildAsync("silver.flights");
        Assert.Equal((1, 1, 3), (result.RowsRead, result.RowsWritten, result.Rows));
        var after = await lake.Engine.TableOf(lake.Table("silver.flights")).GetSnapshotAsync(null, Cancel);
        Assert.All(before!.Files, file => Assert.Contains(file.Path, after!.Files.Select(other => other.Path)));
    }

    [Fact]
    public async Task Build_after_files_were_put_together_reads_new_rows_once_and_old_rows_not_at_all()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5), (2, "BBB", 6));
        await lake.BuildAsync("silver.flights");
        await lake.AppendAsync((3, "AAA", 7));
        var bronze = DeltaTable.At(lake.Bronze.Path, new DeltaTableOptions { Engine = new DuckDbTableEngine(lake.Options) }, TimeProvider.System);
        Assert.NotNull((await bronze.OptimizeAsync(new OptimizeRequest(), Cancel)).Version);
        var result = await lake.BuildAsync("silver.flights");
        Assert.Equal((1, 1, 3), (result.RowsRead, result.RowsWritten, result.Rows));
        Assert.Equal(["1 | AAA | 5", "2 | BBB | 6", "3 | AAA | 7"], await lake.RowsAsync("silver.flights", "id, airport, delay"));
    }

    [Fact]
    public async Task Row_wise_build_replaces_rows_of_the_same_key()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5), (2, "BBB", 6));
        await lake.BuildAsync("silver.flights");
        await lake.AppendAsync((2, "CCC", 60), (3, "AAA", 7));
        await lake.BuildAsync("silver.flights");
        Assert.Equal(["1 | AAA | 5", "2 | CCC | 60", "3 | AAA | 7"], await lake.RowsAsync("silver.flights", "id, airport, delay"));
    }

    [Fact]
    public async Task Duplicate_keys_in_one_batch_are_an_error_that_names_the_key()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((7, "AAA", 5), (7, "BBB", 6));
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => lake.BuildAsync("silver.flights"));
        Assert.Contains("id = 7", fault.Message, StringComparison.Ordinal);
        Assert.Contains("silver.flights", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Incremental_builds_equal_a_full_query_for_random_batches_with_duplicates_and_updates(int seed)
    {
        using var lake = new LakeFixture();
        var random = new Random(seed);
        string?[] airports = ["AAA", "BBB", "CCC", "it's", null];
        for (var batch = 0; batch < 7; batch++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 40)).Select(_ => ((long)random.Next(60), airports[random.Next(airports.Length)], random.Next(4) == 0 ? (int?)null : random.Next(-20, 200))).ToArray();
            await lake.AppendAsync(rows);
            if (random.Next(3) == 0)
                continue;
            await lake.BuildAsync("silver.latest");
            await lake.BuildAsync("silver.latest_full");
            await lake.BuildAsync("gold.airports");
        }

        await lake.BuildAsync("silver.latest");
        await lake.BuildAsync("silver.latest_full");
        await lake.BuildAsync("gold.airports");
        Assert.Equal(await lake.ExpectAsync(LakeFixture.LatestSql), await lake.RowsAsync("silver.latest"));
        var full = lake.Table("silver.latest_full").Sql!;
        Assert.Equal(await lake.ExpectAsync(LakeFixture.GoldSql.Replace("silver.latest_full", $"({full})", StringComparison.Ordinal)), await lake.RowsAsync("gold.airports"));
    }

    [Fact]
    public async Task Group_that_loses_its_last_row_by_an_update_disappears()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5), (2, "BBB", 6));
        await lake.BuildAsync("silver.latest_full");
        await lake.BuildAsync("gold.airports");
        await lake.AppendAsync((2, "AAA", 10));
        await lake.BuildAsync("silver.latest_full");
        await lake.BuildAsync("gold.airports");
        Assert.Equal(["AAA | 2 | 15"], await lake.RowsAsync("gold.airports", "airport, flights, total_delay"));
    }

    [Fact]
    public async Task Changed_query_builds_everything_again()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        await lake.BuildAsync("silver.flights");
        lake.Pipeline = lake.Define("select b.id, upper(b.airport) as airport, b.delay * 2 as delay from bronze.flights b");
        var result = await lake.BuildAsync("silver.flights");
        Assert.True(result.Changed);
        Assert.Equal(["1 | AAA | 10"], await lake.RowsAsync("silver.flights"));
    }

    [Fact]
    public async Task Build_survives_files_that_a_killed_build_left_behind()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        var folder = lake.Engine.TableOf(lake.Table("silver.flights")).Path;
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "part-0000.parquet"), "half a file", Cancel);
        var result = await lake.BuildAsync("silver.flights");
        Assert.Equal(1, result.Rows);
        Assert.Equal(["1"], await lake.RowsAsync("silver.flights", "id"));
    }

    [Fact]
    public async Task Second_engine_finds_what_the_first_built()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        await lake.BuildAsync("silver.flights");
        lake.Engine.Dispose();
        lake.Engine = new DuckDbJobEngine(Path.Combine(lake.Root, "lake"), lake.Options, TimeProvider.System);
        Assert.False((await lake.BuildAsync("silver.flights")).Changed);
    }

    [Fact]
    public async Task Two_engines_building_at_once_build_each_version_once()
    {
        using var lake = new LakeFixture();
        using var other = new DuckDbJobEngine(Path.Combine(lake.Root, "lake"), lake.Options, TimeProvider.System);
        for (var i = 0; i < 4; i++)
        {
            await lake.AppendAsync((i, "AAA", i), (100 + i, "BBB", i));
            await Task.WhenAll(lake.BuildAsync("silver.flights"), other.BuildAsync(lake.Pipeline, lake.Table("silver.flights"), Cancel));
        }

        var snapshot = await lake.Engine.TableOf(lake.Table("silver.flights")).GetSnapshotAsync(null, Cancel);
        Assert.Equal(3, snapshot!.Version);
        Assert.Equal(8, snapshot.RowCount);
    }

    [Fact]
    public async Task A_key_whose_newest_row_meets_the_condition_of_deletion_loses_its_row()
    {
        using var lake = new LakeFixture();
        lake.Pipeline = lake.Pipeline with { Tables = [.. lake.Pipeline.Tables.Select(table => table.Name == "silver.latest" ? table with { Delete = "delay < 0" } : table)] };
        await lake.AppendAsync((1, "AAA", 5), (2, "BBB", 6), (3, "CCC", -1));
        await lake.BuildAsync("silver.latest");
        Assert.Equal(["1 | AAA | 5", "2 | BBB | 6"], await lake.RowsAsync("silver.latest"));
        await lake.AppendAsync((2, "BBB", -1), (4, "DDD", 1));
        await lake.BuildAsync("silver.latest");
        Assert.Equal(["1 | AAA | 5", "4 | DDD | 1"], await lake.RowsAsync("silver.latest"));
        await lake.AppendAsync((1, "AAA", -1), (2, "BBB", 9), (4, "DDD", -1));
        await lake.BuildAsync("silver.latest");
        Assert.Equal(["2 | BBB | 9"], await lake.RowsAsync("silver.latest"));
        lake.Pipeline = lake.Pipeline with { Tables = [.. lake.Pipeline.Tables.Select(table => table with { Delete = table.Name == "silver.latest" ? "nosuch > 1" : null })] };
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => lake.BuildAsync("silver.latest"));
        Assert.Contains("its 'delete' (nosuch > 1) cannot be evaluated", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_query_fails_with_the_message_of_DuckDB()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        lake.Pipeline = lake.Define("select b.id, b.no_such_column from bronze.flights b");
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => lake.BuildAsync("silver.flights"));
        Assert.Contains("no_such_column", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Column_of_a_type_that_Delta_lacks_is_an_error_that_names_it()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        lake.Pipeline = lake.Define("select b.id, [b.delay] as delays from bronze.flights b");
        var fault = await Assert.ThrowsAsync<DuckDbFaultException>(() => lake.BuildAsync("silver.flights"));
        Assert.Contains("'delays'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_key_that_the_query_lacks_is_an_error_that_names_it()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        lake.Pipeline = lake.Define("select b.airport from bronze.flights b");
        Assert.Contains("'id'", (await Assert.ThrowsAsync<DuckDbFaultException>(() => lake.BuildAsync("silver.flights"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitioned_target_keeps_its_rows_in_their_partitions()
    {
        using var lake = new LakeFixture();
        var table = LakeFixture.Sql("silver.parts", "select id, airport, delay from bronze.flights", ["id"], "bronze.flights", "bronze.flights") with { PartitionBy = ["airport"] };
        lake.Pipeline = lake.Pipeline with { Tables = [.. lake.Pipeline.Tables, table] };
        await lake.AppendAsync((1, "AAA", 5), (2, "it's", 6), (3, null, 7));
        await lake.BuildAsync("silver.parts");
        await lake.AppendAsync((1, "BBB", 50));
        await lake.BuildAsync("silver.parts");
        Assert.Equal(["1 | BBB | 50", "2 | it's | 6", "3 | NULL | 7"], await lake.RowsAsync("silver.parts"));
        var snapshot = await lake.Engine.TableOf(table).GetSnapshotAsync(null, Cancel);
        Assert.Equal(["BBB", "it's", null], snapshot!.Files.Select(file => file.PartitionValues["airport"]).OrderBy(value => value is null).ThenBy(value => value, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cancelled_build_commits_nothing()
    {
        using var lake = new LakeFixture();
        await lake.AppendAsync((1, "AAA", 5));
        lake.Pipeline = lake.Define("select b.id, cast((select count(*) from range(100000000000) r(i) where i * i % 7 = 3) as bigint) as n from bronze.flights b");
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lake.Engine.BuildAsync(lake.Pipeline, lake.Table("silver.flights"), source.Token));
        Assert.Null(await lake.Engine.TableOf(lake.Table("silver.flights")).GetSnapshotAsync(null, Cancel));
    }
}
