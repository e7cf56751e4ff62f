namespace RealTimeMesh.DeltaLake.Tests;

public sealed class AppendTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_that_was_never_written_has_no_snapshot() =>
        Assert.Null(await _fixture.Open().GetSnapshotAsync(null, Token));

    [Fact]
    public async Task Appended_rows_are_read_by_DuckDB_with_their_types()
    {
        var table = _fixture.Open();
        await TableFixture.AppendAsync(table, await _fixture.CreateAsync(table), TableFixture.Rows(0, 1000));
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.Equal(1000, snapshot.RowCount);
        var live = _fixture.LiveFiles(snapshot);
        var row = TableFixture.Query($"select count(*), count(n), sum(n), min(i), sum(d), sum(f), count(*) filter (flag), max(octet_length(bytes)), min(day)::varchar, epoch_us(max(\"at\")), sum(price)::varchar from {live}")[0];
        Assert.Equal(["1000", "857", "428000", "-999", "214000", "107000", "429", "4", "2024-10-04", "1767000000999999", "428214.25"], row.Select(TableFixture.Text));
        var types = TableFixture.Query($"select name, type, converted_type, logical_type from parquet_schema('{Path.Combine(_fixture.TablePath, snapshot.Files[0].Path)}')").ToDictionary(item => TableFixture.Text(item[0]), item => item);
        Assert.Equal("INT64", types["at"][1]);
        Assert.Contains("isAdjustedToUTC=1", TableFixture.Text(types["at"][3]), StringComparison.Ordinal);
        Assert.Contains("MICROS=MicroSeconds", TableFixture.Text(types["at"][3]), StringComparison.Ordinal);
        Assert.Equal("INT32", types["day"][1]);
        Assert.Equal("DATE", TableFixture.Text(types["day"][2]));
        Assert.Equal("INT32", types["i"][1]);
        Assert.Equal("FLOAT", types["f"][1]);
        Assert.Contains("scale=2, precision=18", TableFixture.Text(types["price"][3]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partition_values_stand_in_the_log_and_not_in_the_files()
    {
        var table = _fixture.Open();
        await TableFixture.AppendAsync(table, await _fixture.CreateAsync(table, "day"), TableFixture.Rows(0, 100));
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.Equal(["", "2024-10-04", "2024-10-05", "2024-10-06"], snapshot.Files.Select(file => file.PartitionValues["day"] ?? "").Order(StringComparer.Ordinal));
        Assert.Contains(snapshot.Files, file => file.Path.StartsWith("day=__HIVE_DEFAULT_PARTITION__/part-", StringComparison.Ordinal));
        Assert.Equal(100, snapshot.RowCount);
        Assert.Equal(100L, TableFixture.Query($"select count(*) from {_fixture.LiveFiles(snapshot)}")[0][0]);
        Assert.DoesNotContain("day", TableFixture.Query($"select name from parquet_schema('{Path.Combine(_fixture.TablePath, snapshot.Files[0].Path)}')").Select(row => row[0]));
    }

    [Fact]
    public async Task An_application_that_another_writer_advanced_is_a_conflict()
    {
        var table = _fixture.Open();
        var other = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        Assert.IsType<CommitResult.Committed>(await TableFixture.AppendAsync(other, snapshot, TableFixture.Rows(0, 10), ("app", 5)));
        var conflict = Assert.IsType<CommitResult.Conflict>(await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 10), ("app", 5)));
        Assert.Contains("'app'", conflict.Reason, StringComparison.Ordinal);
        Assert.Equal(5, (await table.GetSnapshotAsync(null, Token))!.Transactions["app"]);
    }

    [Fact]
    public async Task Racing_appends_all_commit_once_each()
    {
        var snapshot = await _fixture.CreateAsync(_fixture.Open());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var table = _fixture.Open();
            for (var i = 0; i < 10; i++)
                Assert.IsType<CommitResult.Committed>(await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(((writer * 10) + i) * 5, 5), ($"writer-{writer}-{i}", i)));
        }, Token)));
        var end = (await _fixture.Open().GetSnapshotAsync(null, Token))!;
        Assert.Equal(80, end.Version);
        Assert.Equal(400, end.RowCount);
        Assert.Equal(400L, TableFixture.Query($"select count(distinct id) from {_fixture.LiveFiles(end)}")[0][0]);
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(_fixture.TablePath, "_delta_log")), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_removals_of_one_file_conflict_and_the_file_is_removed_once()
    {
        var table = _fixture.Open();
        await TableFixture.AppendAsync(table, await _fixture.CreateAsync(table), TableFixture.Rows(0, 10));
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).CommitAsync("DELETE", new Dictionary<string, string>(), Token));
        Assert.IsType<CommitResult.Conflict>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).CommitAsync("DELETE", new Dictionary<string, string>(), Token));
        Assert.Empty((await table.GetSnapshotAsync(null, Token))!.Files);
        Assert.Single((await table.GetSnapshotAsync(1, Token))!.Files);
    }

    [Fact]
    public async Task A_merge_that_only_adds_conflicts_with_an_append_it_has_not_read()
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 10));
        var files = await table.WriteFilesAsync(TableFixture.Schema, [], [TableFixture.Rows(5, 5)], Token);
        Assert.IsType<CommitResult.Conflict>(await table.BeginTransaction(snapshot).Add(files[0]).DependsOnSnapshot().CommitAsync("MERGE", new Dictionary<string, string>(), Token));
    }

    [Fact]
    public async Task Files_written_before_a_crash_are_not_part_of_the_table()
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        await table.WriteFilesAsync(TableFixture.Schema, [], [TableFixture.Rows(0, 10)], Token);
        await File.WriteAllTextAsync(Path.Combine(_fixture.TablePath, "_delta_log", ".0123.tmp"), "{\"add\":{\"pa", Token);
        Assert.Empty((await _fixture.Open().GetSnapshotAsync(null, Token))!.Files);
        await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 10));
        Assert.Equal(10, (await _fixture.Open().GetSnapshotAsync(null, Token))!.RowCount);
    }

    [Fact]
    public async Task A_null_in_a_column_that_forbids_it_is_refused_by_name()
    {
        var table = _fixture.Open();
        await _fixture.CreateAsync(table);
        var rows = new Contracts.ColumnBatch(TableFixture.Schema);
        foreach (var column in rows.Columns)
            column.AppendNull();
        var fault = await Assert.ThrowsAsync<ConstraintViolationException>(() => table.WriteFilesAsync(TableFixture.Schema, [], [rows], Token));
        Assert.Contains("NOT NULL constraint of column id", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_fixture.TablePath));
    }

    [Fact]
    public async Task Added_files_are_told_by_version_from_memory_and_from_the_log()
    {
        var table = _fixture.Open();
        var first = await _fixture.CreateAsync(table);
        for (var i = 0; i < 4; i++)
            await TableFixture.AppendAsync(table, first, TableFixture.Rows(i * 10, 10 + i));
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        var known = await table.GetAddedFilesAsync(snapshot, 2, Token);
        Assert.Equal([12L, 13L], known.Select(file => file.NumRecords));
        var other = (await table.GetSnapshotAsync(3, Token))!;
        Assert.Equal([12L], (await table.GetAddedFilesAsync(other, 2, Token)).Select(file => file.NumRecords));
    }

    [Fact]
    public async Task History_tells_operations_newest_first()
    {
        var table = _fixture.Open();
        await TableFixture.AppendAsync(table, await _fixture.CreateAsync(table), TableFixture.Rows(0, 10));
        var history = await table.GetHistoryAsync(10, Token);
        Assert.Equal(["WRITE", "CREATE TABLE"], history.Select(item => item.Operation));
        Assert.Equal("10", history[0].Metrics["numOutputRows"]);
        Assert.Equal(_fixture.Time.GetUtcNow().ToUnixTimeMilliseconds(), history[0].WriterTimestamp);
    }

    public void Dispose() => _fixture.Dispose();
}
