using System.Globalization;
using System.Text.Json;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Row ids stay with their rows and are never given twice, whatever is done to the table (feature rowTracking).</summary>
public sealed class RowTrackingTests
{
    private static readonly (string, string) s_tracked = ("delta.enableRowTracking", "true");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, true, false)]
    [InlineData(3, false, true)]
    [InlineData(4, true, true)]
    [InlineData(5, false, false, "name")]
    [InlineData(6, true, true, "name")]
    [InlineData(7, false, true, "id")]
    public async Task Row_ids_and_versions_stay_with_their_rows_through_random_operations(int seed, bool vectors, bool partitioned, string mapping = "none")
    {
        using var fixture = new WriteFixture();
        var random = new Random(seed);
        await fixture.CreateAsync(Rows(random, 0, 200), partitioned ? ["grp"] : null, s_tracked, ("delta.enableDeletionVectors", vectors ? "true" : "false"), ("delta.enableChangeDataFeed", random.Next(2) == 0 ? "true" : "false"), ("delta.columnMapping.mode", mapping));
        var before = await TrackedAsync(fixture);
        var ever = before.ToDictionary(row => row.Key, row => row.Value.Id);
        Assert.Equal(200, ever.Values.Distinct().Count());
        var (next, steps) = (200, new List<string>());
        for (var step = 0; step < 10; step++)
        {
            var version = (await fixture.SnapshotAsync()).Version;
            steps.Add(await StepAsync(fixture, random, next));
            next += 100;
            var after = await TrackedAsync(fixture);
            var text = $"seed {seed}, {string.Join("; ", steps)}";
            Assert.True(after.Values.Select(row => row.Id).Distinct().Count() == after.Count, $"{text}: a row id stands twice");
            foreach (var (uid, row) in after)
            {
                var isRestore = steps[^1].StartsWith("restore", StringComparison.Ordinal);
                Assert.True(!ever.TryGetValue(uid, out var known) || known == row.Id, $"{text}: row {uid} had id {known} and has {row.Id}");
                if (before.TryGetValue(uid, out var old) && !isRestore)
                {
                    Assert.True(old.Content == row.Content ? old.Version == row.Version || steps[^1].StartsWith("merge", StringComparison.Ordinal) : row.Version > version, $"{text}: row {uid} had version {old.Version} and has {row.Version} after {version}");
                }
                else if (!isRestore)
                {
                    Assert.True(ever.TryAdd(uid, row.Id) && ever.Values.Count(id => id == row.Id) == 1, $"{text}: new row {uid} got id {row.Id}, which was given before");
                    Assert.True(row.Version > version, $"{text}: new row {uid} has version {row.Version}");
                }
            }

            before = after;
            await RequireMarkAsync(fixture);
        }
    }

    [Fact]
    public async Task Rows_of_an_existing_table_get_ids_when_row_tracking_is_enabled_and_files_keep_them_when_they_are_restored()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(i AS BIGINT) AS uid, 'g' AS grp, CAST(0 AS BIGINT) AS amount FROM range(10) r(i)");
        await fixture.Table.AppendAsync(RowSource.Query("SELECT CAST(i AS BIGINT) AS uid, 'h' AS grp, CAST(0 AS BIGINT) AS amount FROM range(10, 20) r(i)"), Cancel);
        await Assert.ThrowsAsync<DeltaException>(() => TrackedAsync(fixture));

        Assert.IsType<CommitResult.Committed>(await fixture.Table.BeginTransaction(await fixture.SnapshotAsync()).SetProperties([new("delta.enableRowTracking", "true")]).CommitAsync("SET TBLPROPERTIES", new Dictionary<string, string>(), Cancel));
        var given = await TrackedAsync(fixture);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), given.Values.Select(row => row.Id).Order());
        Assert.Contains("rowTracking", (await fixture.SnapshotAsync()).Protocol.WriterFeatures!);
        Assert.All((await fixture.SnapshotAsync()).Files, file => Assert.False(file.DataChange));

        await fixture.Table.DeleteAsync("uid < 5", Cancel);
        await fixture.Table.RestoreAsync(new RestoreRequest { Version = 1 }, Cancel);
        var restored = await TrackedAsync(fixture);
        Assert.Equal(given.ToDictionary(row => row.Key, row => row.Value.Id), restored.ToDictionary(row => row.Key, row => row.Value.Id));
    }

    [Fact]
    public async Task Files_get_no_ids_while_row_tracking_is_suspended_and_the_rest_when_it_is_enabled_again()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(1 AS BIGINT) AS uid, 'g' AS grp, CAST(0 AS BIGINT) AS amount", null, s_tracked);
        await SetAsync(fixture, ("delta.enableRowTracking", "false"), ("delta.rowTrackingSuspended", "true"));
        await fixture.Table.AppendAsync(RowSource.Query("SELECT CAST(2 AS BIGINT) AS uid, 'g' AS grp, CAST(0 AS BIGINT) AS amount"), Cancel);
        Assert.Equal([0L, null], (await fixture.SnapshotAsync()).Files.Select(file => file.BaseRowId));
        var error = await Assert.ThrowsAsync<DeltaException>(() => SetAsync(fixture, ("delta.enableRowTracking", "true")));
        Assert.Contains("expected at most one of them", error.Message, StringComparison.Ordinal);
        await SetAsync(fixture, ("delta.enableRowTracking", "true"), ("delta.rowTrackingSuspended", "false"));
        Assert.Equal([0L, 1L], (await TrackedAsync(fixture)).Values.Select(row => row.Id).Order());
    }

    [Fact]
    public async Task Concurrent_appends_get_row_ids_of_their_own()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(1 AS BIGINT) AS uid, 'g' AS grp, CAST(0 AS BIGINT) AS amount", null, s_tracked);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
                await fixture.Open().AppendAsync(RowSource.Query($"SELECT CAST({10 + (writer * 100) + (i * 10)} + x AS BIGINT) AS uid, 'g' AS grp, CAST(0 AS BIGINT) AS amount FROM range(3) r(x)"), Cancel);
        }, Cancel)));
        var rows = await TrackedAsync(fixture);
        Assert.Equal(61, rows.Count);
        Assert.Equal(61, rows.Values.Select(row => row.Id).Distinct().Count());
        Assert.All((await fixture.SnapshotAsync()).Files, file => Assert.NotNull(file.DefaultRowCommitVersion));
        await RequireMarkAsync(fixture);
    }

    [Fact]
    public async Task Rows_of_many_files_have_the_ids_of_their_files()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(i AS BIGINT) AS uid, 'g' || (i % 90) AS grp, CAST(0 AS BIGINT) AS amount FROM range(270) r(i)", ["grp"], s_tracked);
        var files = (await fixture.SnapshotAsync()).Files;
        Assert.Equal(90, files.Count);
        var given = await TrackedAsync(fixture);
        Assert.Equal(270, given.Values.Select(row => row.Id).Distinct().Count());
        var first = files.ToDictionary(file => file.PartitionValues["grp"]!, file => file.BaseRowId!.Value);
        Assert.All(given.Values, row => Assert.InRange(row.Id, first[row.Content.Split('|')[0]], first[row.Content.Split('|')[0]] + 2));
        await fixture.Table.UpdateAsync("uid % 2 = 0", new Dictionary<string, string> { ["amount"] = "1" }, Cancel);
        await fixture.Table.OptimizeAsync(new OptimizeRequest { ZOrderBy = ["uid"] }, Cancel);
        Assert.Equal(given.ToDictionary(row => row.Key, row => row.Value.Id), (await TrackedAsync(fixture)).ToDictionary(row => row.Key, row => row.Value.Id));
    }

    [Fact]
    public async Task Commits_say_whether_row_ids_were_preserved()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(i AS BIGINT) AS uid, 'g' AS grp, CAST(0 AS BIGINT) AS amount FROM range(10) r(i)", null, s_tracked);
        await fixture.Table.UpdateAsync("uid = 3", new Dictionary<string, string> { ["amount"] = "7" }, Cancel);
        Assert.Equal("true", await PreservedAsync(fixture, 1));
        var snapshot = await fixture.SnapshotAsync();
        var file = snapshot.Files[0];
        File.Copy(Path.Combine(fixture.Table.Path, file.Path), Path.Combine(fixture.Table.Path, file.Path + "x"));
        await fixture.Table.BeginTransaction(snapshot).Remove(file).Add(file with { Path = file.Path + "x", BaseRowId = null }).CommitAsync("BY HAND", new Dictionary<string, string>(), Cancel);
        Assert.Equal("false", await PreservedAsync(fixture, 2));
    }

    private static async Task SetAsync(WriteFixture fixture, params (string Name, string Value)[] properties) =>
        Assert.IsType<CommitResult.Committed>(await fixture.Open().BeginTransaction(await fixture.SnapshotAsync()).SetProperties(properties.Select(item => new KeyValuePair<string, string?>(item.Name, item.Value))).CommitAsync("SET TBLPROPERTIES", new Dictionary<string, string>(), Cancel));

    private static async Task<string?> PreservedAsync(WriteFixture fixture, long version)
    {
        var line = (await File.ReadAllLinesAsync(Path.Combine(fixture.Table.Path, "_delta_log", version.ToString("D20", CultureInfo.InvariantCulture) + ".json"), Cancel)).Single(line => line.StartsWith("{\"commitInfo\"", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("commitInfo").GetProperty("tags").GetProperty("delta.rowTracking.preserved").GetString();
    }

    /// <summary>The domain's mark is at or above the highest id that the log gives.</summary>
    private static async Task RequireMarkAsync(WriteFixture fixture)
    {
        var snapshot = await fixture.SnapshotAsync();
        using var mark = JsonDocument.Parse(snapshot.Domains["delta.rowTracking"]);
        Assert.True(mark.RootElement.GetProperty("rowIdHighWaterMark").GetInt64() >= snapshot.Files.Select(file => file.BaseRowId!.Value + file.NumRecords - 1).DefaultIfEmpty(-1).Max());
    }

    private static async Task<Dictionary<long, (long Id, long Version, string Content)>> TrackedAsync(WriteFixture fixture)
    {
        Dictionary<long, (long, long, string)> rows = [];
        await foreach (var row in fixture.Open().ReadAsync<Tracked>(new ReadOptions { WithRowIds = true }, Cancel))
            rows.Add(row.Uid, (row._row_id, row._row_commit_version, $"{row.Grp}|{row.Amount}"));
        return rows;
    }

    private static async Task<string> StepAsync(WriteFixture fixture, Random random, int next)
    {
        var table = fixture.Open();
        var where = random.Next(3) switch
        {
            0 => $"uid % {random.Next(2, 9)} = 0",
            1 => $"grp = 'g{random.Next(3)}'",
            _ => $"amount > {random.Next(20, 90)}",
        };
        switch (random.Next(9))
        {
            case 0:
                await table.DeleteAsync($"({where}) AND uid % 3 = 0", Cancel);
                return $"delete {where}";
            case 1:
                await table.UpdateAsync(where, new Dictionary<string, string> { ["amount"] = "amount + 1" }, Cancel);
                return $"update {where}";
            case 2:
                await table.AppendAsync(RowSource.Query(Rows(random, next, 30)), Cancel);
                return "append";
            case 3:
                await table.OverwriteAsync(RowSource.Query($"SELECT * FROM ({Rows(random, next, 60)}) WHERE grp = 'g1'"), Cancel, "grp = 'g1'");
                return "replace g1";
            case 4:
                await table.OptimizeAsync(new OptimizeRequest { MaxDeletedShare = 0, ZOrderBy = random.Next(2) == 0 ? ["uid", "amount"] : [] }, Cancel);
                return "optimize";
            case 5:
                var version = random.Next((int)(await table.GetSnapshotAsync(null, Cancel))!.Version + 1);
                await table.RestoreAsync(new RestoreRequest { Version = version }, Cancel);
                return $"restore {version}";
            case 6:
                await table.OverwriteAsync(RowSource.Query(Rows(random, next, 80)), Cancel);
                return "overwrite";
            default:
                var merge = table.Merge(RowSource.Query($"SELECT CAST(i AS BIGINT) AS uid, 'g' || (i % 3) AS grp, CAST({random.Next(100)} AS BIGINT) AS amount FROM (SELECT * FROM range({random.Next(next)}, {next + 20}, 7) r(i))"), "target.uid = source.uid");
                merge = random.Next(2) == 0 ? merge.WhenMatchedUpdateAll() : merge.WhenMatchedDelete("target.amount % 3 = 0").WhenMatchedUpdate(new Dictionary<string, string> { ["amount"] = "target.amount + source.amount + 1" });
                await (random.Next(2) == 0 ? merge.WhenNotMatchedInsertAll("source.uid >= " + next.ToString(CultureInfo.InvariantCulture)) : merge).RunAsync(Cancel);
                return "merge";
        }
    }

    private static string Rows(Random random, int first, int count) => string.Create(CultureInfo.InvariantCulture,
        $"SELECT CAST(i AS BIGINT) AS uid, 'g' || (h % 3) AS grp, CAST(h % 100 AS BIGINT) AS amount FROM (SELECT i, hash(i + {random.Next(1_000_000)}) % 100000 AS h FROM range({first}, {first + count}) r(i))");

    private sealed record Tracked(long Uid, string Grp, long Amount, long _row_id, long _row_commit_version);
}
