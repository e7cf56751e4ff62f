using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake.Validation;
using RealTimeMesh.DuckDb;
using RealTimeMesh.ObjectStores.Tests.S3;

namespace RealTimeMesh.ObjectStores.Tests.Tables;

/// <summary>Tables that live whole on an object store.</summary>
public sealed class RemoteTableTests : IAsyncLifetime
{
    private const string Url = "s3://lake/tables/t";
    private readonly TestFolder _folder = new();
    private readonly DuckDbTableEngine _engine = new(new DuckDbOptions());
    private S3TestServer _server = null!;
    private ObjectTableStore _store = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await S3TestServer.StartAsync();
        _store = ObjectTableStore.Open(Url, _server.Options(Path.Combine(_folder.Path, "cache")), TimeProvider.System);
    }

    /// <summary>The local table is the oracle: what is right there is tested elsewhere.</summary>
    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Every_operation_gives_the_same_versions_as_on_a_local_table(string vectors)
    {
        var remote = Remote();
        var local = DeltaTable.At(Path.Combine(_folder.Path, "local"), new DeltaTableOptions { Engine = _engine }, TimeProvider.System);
        foreach (var table in new[] { remote, local })
        {
            var properties = new Dictionary<string, string?> { ["delta.enableDeletionVectors"] = vectors, ["delta.enableChangeDataFeed"] = "true", ["delta.checkpointInterval"] = "3" };
            await table.WriteAsync(new WriteRequest(Rows("range(0, 1000)")) { PartitionBy = ["day"], Properties = properties }, Cancel);
            await table.AppendAsync(Rows("range(1000, 2000)"), Cancel);
            await table.DeleteAsync("id % 7 = 3", Cancel);
            await table.UpdateAsync("id < 100", new Dictionary<string, string> { ["name"] = "concat(name, ' updated')" }, Cancel);
            await table.Merge(Rows("range(1900, 2100)"), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(Cancel);
            await table.OptimizeAsync(new OptimizeRequest(), Cancel);
            await table.OverwriteAsync(Rows("range(5000, 5010)"), Cancel);
            await table.RestoreAsync(new RestoreRequest { Version = 4 }, Cancel);
        }

        var newest = (await remote.GetSnapshotAsync(null, Cancel))!.Version;
        Assert.Equal((await local.GetSnapshotAsync(null, Cancel))!.Version, newest);
        for (var version = 0L; version <= newest; version++)
            Assert.Equal(await DigestAsync(local, version), await DigestAsync(remote, version));
        Assert.Equal(await ChangesAsync(local, newest), await ChangesAsync(remote, newest));
        Assert.Contains(_server.Objects.Objects.Keys, key => key.EndsWith(".checkpoint.parquet", StringComparison.Ordinal));
        await _server.Objects.SaveAsync("tables/t/", Path.Combine(_folder.Path, "copy"));
        WrittenTables.Check(Path.Combine(_folder.Path, "copy"));
        Assert.Equal((await local.GetHistoryAsync(20, Cancel)).Select(item => item.Operation), (await remote.GetHistoryAsync(20, Cancel)).Select(item => item.Operation));
    }

    [Fact]
    public async Task Row_groups_are_copied_and_shared_out_as_in_a_local_table()
    {
        var local = DeltaTable.At(Path.Combine(_folder.Path, "local"), new DeltaTableOptions { Engine = _engine }, TimeProvider.System);
        foreach (var table in new[] { Remote(), local })
        {
            var properties = new Dictionary<string, string?> { ["delta.targetFileSize"] = "1mb" };
            await table.WriteAsync(new WriteRequest(RowSource.Query("SELECT i AS id, hash(i)::VARCHAR AS name, 'day ' || (i % 2) AS day FROM range(600000) r(i)")) { PartitionBy = ["day"], Properties = properties }, Cancel);
            Assert.True((await table.GetSnapshotAsync(null, Cancel))!.Files.Count >= 4);
            await table.OptimizeAsync(new OptimizeRequest { TargetFileBytes = 1 << 30 }, Cancel);
            Assert.Equal(1, (await table.DeleteAsync("id = 123456", Cancel))["numDeletedRows"]);
            var merged = await table.Merge(RowSource.Query("SELECT i AS id, 'new' AS name, 'day ' || (i % 2) AS day FROM range(599999, 600001) r(i)"), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(Cancel);
            Assert.Equal((1, 1), (merged["numTargetRowsUpdated"], merged["numTargetRowsInserted"]));
        }

        Assert.Equal(await DigestAsync(local, 3), await DigestAsync(Remote(), 3));
    }

    [Fact]
    public async Task Streaming_appends_are_read_by_a_process_that_knows_nothing_of_the_table()
    {
        var schema = new RowSchema([new Field("id", FieldType.Int64, false), new Field("name", FieldType.String, true)]);
        var table = Remote();
        for (var round = 0; round < 12; round++)
        {
            var batch = new ColumnBatch(schema);
            for (var i = 0; i < 100; i++)
            {
                ((Int64Column)batch.Columns[0]).Append((round * 100) + i);
                ((StringColumn)batch.Columns[1]).Append($"n{i}");
            }

            var snapshot = await table.GetSnapshotAsync(null, Cancel);
            var files = await table.WriteFilesAsync(schema, [], [batch], Cancel);
            var transaction = table.BeginTransaction(snapshot);
            if (snapshot is null)
                transaction.SetMetadata(schema, [], null);
            foreach (var file in files)
                transaction.Add(file);
            Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Cancel));
        }

        using var store = ObjectTableStore.Open(Url, _server.Options(Path.Combine(_folder.Path, "other")), TimeProvider.System);
        var other = DeltaTable.At(Url, new DeltaTableOptions { Store = store, Engine = _engine }, TimeProvider.System);
        var ids = await other.ReadAsync<Row>(null, Cancel).Select(row => row.Id).OrderBy(id => id).ToListAsync(Cancel);
        Assert.Equal(Enumerable.Range(0, 1200).Select(i => (long)i), ids);
    }

    [Theory]
    [InlineData("{\"version\":20,\"size\":1}", 1)]
    [InlineData("{\"version\":10,\"size\":1}", 2)]
    [InlineData("{\"version\":15,\"size\":1}", 4)]
    [InlineData("{\"version\":2000,\"size\":1}", 4)]
    [InlineData("{\"vers", 3)]
    public async Task A_cold_reader_lists_the_log_from_the_last_checkpoint_and_as_a_whole_where_the_hint_is_wrong(string hint, int pages)
    {
        _server.PageSize = 25;
        var schema = new RowSchema([new Field("id", FieldType.Int64, false)]);
        var table = Remote();
        await table.BeginTransaction(null).SetMetadata(schema, [], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Cancel);
        for (var i = 1; i <= 24; i++)
            await table.BeginTransaction(await table.GetSnapshotAsync(null, Cancel)).SetTransaction("app", i).CommitAsync("STEP", new Dictionary<string, string>(), Cancel);
        _server.Objects.Put("tables/t/_delta_log/_last_checkpoint", System.Text.Encoding.UTF8.GetBytes(hint), ifAbsent: false);
        _server.Faults.Requests.Clear();
        var snapshot = (await Remote().GetSnapshotAsync(null, Cancel))!;
        Assert.Equal((24, 24), (snapshot.Version, snapshot.Transactions["app"]));
        Assert.Equal(pages, _server.Faults.Requests.Count(request => request == "GET "));
    }

    [Fact]
    public async Task An_append_asks_the_store_a_known_number_of_times()
    {
        var table = Remote();
        for (var i = 0; i < 3; i++)
            await table.AppendAsync(Rows($"range({i})"), Cancel);
        _server.Faults.Requests.Clear();
        await table.AppendAsync(Rows("range(10)"), Cancel);
        // The data file, the commit and its checksum; what else there is are questions.
        Assert.Equal(3, _server.Faults.Requests.Count(request => request.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.InRange(_server.Faults.Requests.Count, 3, 14);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", _server.Faults.Requests));
    }

    [Fact]
    public async Task Only_files_that_pruning_left_are_fetched()
    {
        var table = Remote();
        for (var i = 0; i < 6; i++)
            await table.AppendAsync(Rows($"range({i * 1000}, {(i * 1000) + 1000})"), Cancel);
        using var store = ObjectTableStore.Open(Url, _server.Options(Path.Combine(_folder.Path, "other")), TimeProvider.System);
        var other = DeltaTable.At(Url, new DeltaTableOptions { Store = store, Engine = _engine }, TimeProvider.System);
        _server.Faults.Requests.Clear();
        var rows = await other.ReadAsync<Row>(new ReadOptions { Where = "id = 4321" }, Cancel).ToListAsync(Cancel);
        Assert.Equal(4321, Assert.Single(rows).Id);
        Assert.Single(_server.Faults.Requests, request => request.EndsWith(".parquet", StringComparison.Ordinal) && !request.Contains("_delta_log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scan_of_many_files_reads_while_the_next_are_fetched_and_ends_where_its_limit_is_reached()
    {
        var schema = new RowSchema([new Field("id", FieldType.Int64, false)]);
        var table = Remote();
        var transaction = table.BeginTransaction(null).SetMetadata(schema, [], null);
        await Parallel.ForAsync(0, 200, Cancel, async (i, token) =>
        {
            var batch = new ColumnBatch(schema);
            ((Int64Column)batch.Columns[0]).Append(i);
            foreach (var file in await table.WriteFilesAsync(schema, [], [batch], token))
            {
                lock (transaction)
                    transaction.Add(file);
            }
        });
        await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Cancel);
        using var store = ObjectTableStore.Open(Url, _server.Options(Path.Combine(_folder.Path, "other")), TimeProvider.System);
        var other = DeltaTable.At(Url, new DeltaTableOptions { Store = store, Engine = _engine }, TimeProvider.System);
        _server.Faults.Requests.Clear();
        Assert.Equal(10, await other.ReadAsync<Row>(new ReadOptions { Limit = 10 }, Cancel).CountAsync(Cancel));
        // The first part, and at most what was on its way meanwhile.
        Assert.InRange(_server.Faults.Requests.Count(request => request.EndsWith(".parquet", StringComparison.Ordinal)), 64, 128);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), await other.ReadAsync<Row>(null, Cancel).Select(row => row.Id).OrderBy(id => id).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Files_that_were_written_here_are_not_fetched_again()
    {
        var table = Remote();
        await table.AppendAsync(Rows("range(0, 1000)"), Cancel);
        _server.Faults.Requests.Clear();
        await table.DeleteAsync("id = 5", Cancel);
        Assert.Equal(999, (await table.ReadAsync<Row>(null, Cancel).ToListAsync(Cancel)).Count);
        Assert.DoesNotContain(_server.Faults.Requests, request => request.StartsWith("GET", StringComparison.Ordinal) && request.EndsWith(".parquet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vacuum_deletes_what_no_version_needs_and_nothing_of_a_table_inside()
    {
        var table = Remote();
        await table.AppendAsync(Rows("range(0, 10)"), Cancel);
        await table.OverwriteAsync(Rows("range(10, 20)"), Cancel);
        _server.Objects.Put("tables/t/orphan.parquet", [1], ifAbsent: true);
        _server.Objects.Put("tables/t/_hidden/x.parquet", [1], ifAbsent: true);
        _server.Objects.Put("tables/t/inner/_delta_log/00000000000000000000.json", [1], ifAbsent: true);
        _server.Objects.Put("tables/t/inner/part.parquet", [1], ifAbsent: true);
        _server.Objects.Put("tables/t2/part.parquet", [1], ifAbsent: true);
        var request = new VacuumRequest { Retention = TimeSpan.Zero, AllowShortRetention = true };
        var later = new DeltaTableOptions { Store = _store, Engine = _engine };
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1));
        var dry = await DeltaTable.At(Url, later, clock).VacuumAsync(request with { DryRun = true }, Cancel);
        Assert.Equal(2, dry.Files.Count);
        Assert.Contains("orphan.parquet", dry.Files);
        var result = await DeltaTable.At(Url, later, clock).VacuumAsync(request, Cancel);
        Assert.Equal(dry.Files.Order(), result.Files.Order());
        var left = _server.Objects.Objects.Keys;
        Assert.Single(left, key => key.EndsWith(".parquet", StringComparison.Ordinal) && !key[9..].Contains('/', StringComparison.Ordinal));
        Assert.Contains("tables/t/inner/part.parquet", left);
        Assert.Contains("tables/t/_hidden/x.parquet", left);
        Assert.Contains("tables/t2/part.parquet", left);
        Assert.Equal(10, (await table.ReadAsync<Row>(null, Cancel).ToListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task An_operation_that_fails_before_its_commit_leaves_no_file_behind()
    {
        var table = Remote();
        await table.WriteAsync(new WriteRequest(Rows("range(0, 10)")) { PartitionBy = ["day"] }, Cancel);
        var before = _server.Objects.Objects.Keys.ToList();
        var sent = 0;
        _server.Faults.Of = request => request.StartsWith("PUT", StringComparison.Ordinal) && Interlocked.Increment(ref sent) > 2 ? Fault.Busy : Fault.None;
        await Assert.ThrowsAsync<ObjectStoreException>(() => table.AppendAsync(Rows("range(10, 20)"), Cancel));
        Assert.True(sent > 3);
        Assert.Equal(before.Order(), _server.Objects.Objects.Keys.Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "cache", "stages")));
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_committed_once()
    {
        var table = Remote();
        _server.Faults.Of = request => request.StartsWith("PUT", StringComparison.Ordinal) && request.EndsWith(".json", StringComparison.Ordinal) && _server.Faults.Requests.Count(item => item == request) == 1 ? Fault.AnswerLost : Fault.None;
        for (var i = 0; i < 3; i++)
            Assert.Equal(i, (await table.AppendAsync(Rows($"range({i}, {i + 1})"), Cancel)).Version);
        Assert.Equal([0L, 1, 2], await table.ReadAsync<Row>(null, Cancel).Select(row => row.Id).OrderBy(id => id).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_store_that_ignores_conditions_is_refused_before_anything_is_committed()
    {
        _server.IgnoresConditions = true;
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => Remote().AppendAsync(Rows("range(0, 10)"), Cancel));
        Assert.Contains("ignores the condition of a put", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Objects.Objects.Keys, key => key.Contains("_delta_log", StringComparison.Ordinal));
    }

    [Fact]
    public void A_uri_without_its_store_is_refused_with_the_cure()
    {
        var fault = Assert.Throws<DeltaException>(() => DeltaTable.At(Url, new DeltaTableOptions(), TimeProvider.System));
        Assert.Contains("RealTimeMesh.ObjectStores", fault.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private DeltaTable Remote() => DeltaTable.At(Url, new DeltaTableOptions { Store = _store, Engine = _engine, OnFault = (what, fault) => TestContext.Current.SendDiagnosticMessage($"{what}: {fault.Message}") }, TimeProvider.System);

    private static RowSource Rows(string range) =>
        RowSource.Query($"SELECT range AS id, 'name ' || range AS name, 'day ' || (range % 3) AS day FROM {range}");

    private static async Task<string> DigestAsync(DeltaTable table, long version)
    {
        var rows = await table.ReadAsync<FullRow>(new ReadOptions { Version = version }, Cancel).ToListAsync(Cancel);
        return string.Join('\n', rows.Select(row => $"{row.Id} {row.Name} {row.Day}").Order(StringComparer.Ordinal));
    }

    private static async Task<string> ChangesAsync(DeltaTable table, long to)
    {
        using var session = DuckDbSession.Open(new DuckDbOptions());
        await session.RegisterChangesAsync("t", await table.GetChangesAsync(0, to, Cancel), Cancel);
        var rows = await session.RowsAsync("SELECT _commit_version, _change_type, count(*), sum(id), min(name), max(day) FROM t GROUP BY ALL ORDER BY ALL", Cancel);
        return string.Join('\n', rows.Select(row => string.Join(' ', row.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)))));
    }

    private sealed record Row(long Id);

    private sealed record FullRow(long Id, string? Name, string? Day);
}
