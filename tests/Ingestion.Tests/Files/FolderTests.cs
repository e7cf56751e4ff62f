using System.Text.Json;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests.Files;

public sealed class FolderTests : IDisposable
{
    private const string DeadLetters = "test.visits.dlq";

    private readonly string _root = Directory.CreateTempSubdirectory("folder-tests-").FullName;
    private readonly string _folder;
    private readonly MemoryLog _log = new();
    private readonly MemoryRecords _records = new();

    public FolderTests() => Directory.CreateDirectory(_folder = Path.Combine(_root, "in"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Files_of_every_format_are_one_source_in_the_order_of_their_names()
    {
        Write("e.parquet", await VisitFiles.ParquetAsync(400, 100));
        Write("a.csv", VisitFiles.Csv(0, 100));
        Write("d.avro", VisitFiles.Avro(300, 100));
        Write("c.csv.zst", VisitFiles.Zstd(VisitFiles.Csv(200, 100)));
        Write("b.ndjson.gz", VisitFiles.Gzip(VisitFiles.Ndjson(100, 100)));
        Write("f.ndjson", "");
        await using var app = await StartAsync();
        await CaughtUpAsync(app, 500);
        var stored = _log.Read(Samples.Topic);
        Assert.Equal(Enumerable.Range(0, 500), VisitFiles.Numbers(stored));
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), stored.Select(item => item.Sequence));
        Assert.All(stored, item => Assert.Equal("/test/in", item.Source));
        Assert.Equal(500, stored.Select(item => item.Id).Distinct().Count());
        Assert.Equal("test.in@100/b.ndjson.gz#17", stored[117].Id);
        Assert.Equal(6, (await app.SourceAsync()).GetProperty("files").GetProperty("read").GetInt32());
    }

    [Fact]
    public async Task Files_that_come_later_are_taken_once_they_are_whole()
    {
        await using var app = await StartAsync(folder => folder with { Pattern = "**/*.ndjson", Recursive = true });
        Write("_draft.ndjson", VisitFiles.Ndjson(900, 1));
        Write(".hidden.ndjson", VisitFiles.Ndjson(901, 1));
        Write("other.csv", VisitFiles.Csv(902, 1));
        Write("1.ndjson.tmp", VisitFiles.Ndjson(0, 10));
        Write("2.ndjson", VisitFiles.Ndjson(10, 10));
        await CaughtUpAsync(app, 10);
        File.Move(At("1.ndjson.tmp"), At("1.ndjson"));
        await CaughtUpAsync(app, 20);
        Directory.CreateDirectory(At("2026/11"));
        Write("2026/11/3.ndjson", VisitFiles.Ndjson(20, 10));
        await CaughtUpAsync(app, 30);
        Assert.Equal(Enumerable.Range(10, 10).Concat(Enumerable.Range(0, 10)).Concat(Enumerable.Range(20, 10)), VisitFiles.Numbers(_log.Read(Samples.Topic)));
    }

    [Fact]
    public async Task File_that_is_still_written_to_waits_until_it_settles()
    {
        Write("a.ndjson", VisitFiles.Ndjson(0, 10));
        // Written to just now by a clock ahead of ours: only seeing it unchanged tells.
        File.SetLastWriteTimeUtc(At("a.ndjson"), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1));
        await using (var patient = await StartAsync(folder => folder with { Settle = TimeSpan.FromHours(1) }))
            await UntilAsync(patient, source => FilesOf(source) is { } files && files.GetProperty("waiting").GetInt32() == 1);
        Assert.Empty(_log.Read(Samples.Topic));
        await using var app = await StartAsync(folder => folder with { Settle = TimeSpan.FromSeconds(1) });
        await CaughtUpAsync(app, 10);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Crashes_at_any_moment_lose_and_double_no_row_whatever_files_come_meanwhile(int seed)
    {
        var random = new Random(seed);
        var rows = 0;
        await DeliverAsync(random, ref rows, 12);
        string[] args = ["--MESH_INGEST_BATCH_ROWS=48"];
        for (var crash = 0; crash < 6; crash++)
        {
            // Each run loses the last writes of its life, of positions and of the journal, as a process killed at that moment does.
            var writes = random.Next(2, 12);
            var left = writes;
            var killed = new TaskCompletionSource();
            var unplanned = false;
            _records.OnWrite = key =>
            {
                if (!key.Contains("source", StringComparison.Ordinal) || Interlocked.Decrement(ref left) >= 0)
                    return true;
                // Positions follow publishes; what is in no journal is not published.
                if (key.Contains("/files", StringComparison.Ordinal))
                    Volatile.Write(ref unplanned, true);
                return false;
            };
            _log.OnPublish = async (_, _) =>
            {
                if (Volatile.Read(ref left) < -1 || Volatile.Read(ref unplanned))
                {
                    killed.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
                }

                return [];
            };
            await using var app = await StartAsync(args: args);
            await Task.WhenAny(killed.Task, CaughtUpAsync(app)).WaitAsync(TimeSpan.FromSeconds(60));
            await DeliverAsync(random, ref rows, 3);
        }

        _records.OnWrite = null;
        _log.OnPublish = null;
        await using var last = await StartAsync(args: args);
        await CaughtUpAsync(last);
        var once = _log.ReadOnce(Samples.Topic);
        Assert.True(_log.Read(Samples.Topic).Count > once.Count, "the crashes repeated nothing: the test proves nothing");
        Assert.Equal(Enumerable.Range(0, rows), VisitFiles.Numbers(once).Order());
        Assert.All(_log.Read(Samples.Topic).GroupBy(item => item.Sequence), group => Assert.Single(group.Select(item => item.Id + Convert.ToHexString(item.Payload)).Distinct()));
        var ledger = await last.LedgerAsync();
        Assert.Equal((rows, rows, 0), (ledger.GetProperty("acked").GetInt32(), ledger.GetProperty("accepted").GetInt32(), ledger.GetProperty("rejected").GetInt32()));
    }

    [Fact]
    public async Task Restart_reads_nothing_again_and_a_touched_file_is_no_new_one()
    {
        Write("a.csv", VisitFiles.Csv(0, 10));
        await using (var app = await StartAsync())
            await CaughtUpAsync(app, 10);
        File.SetLastWriteTimeUtc(At("a.csv"), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1));
        Write("b.csv", VisitFiles.Csv(10, 10));
        await using var again = await StartAsync();
        await CaughtUpAsync(again, 20);
        Assert.Equal(Enumerable.Range(0, 20), VisitFiles.Numbers(_log.Read(Samples.Topic)));
    }

    [Fact]
    public async Task File_that_changes_after_it_was_read_is_reported_by_name_and_left()
    {
        Write("a.csv", VisitFiles.Csv(0, 10));
        await using var app = await StartAsync();
        await CaughtUpAsync(app, 10);
        Write("a.csv", VisitFiles.Csv(10, 12));
        var source = await UntilAsync(app, source => FilesOf(source) is { } files && files.GetProperty("problem_count").GetInt32() == 1);
        var problem = source.GetProperty("files").GetProperty("problems")[0];
        Assert.Equal("a.csv", problem.GetProperty("file").GetString());
        Assert.Contains("changed: again", problem.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Write("b.csv", VisitFiles.Csv(10, 5));
        await CaughtUpAsync(app, 15);
        Assert.Equal(Enumerable.Range(0, 15), VisitFiles.Numbers(_log.Read(Samples.Topic)));
    }

    [Fact]
    public async Task File_that_changes_is_read_again_as_new_events_where_that_is_declared()
    {
        Write("a.csv", VisitFiles.Csv(0, 10));
        await using var app = await StartAsync(folder => folder with { Changed = ChangedFile.Again });
        await CaughtUpAsync(app, 10);
        Write("a.csv", VisitFiles.Csv(5, 10));
        await CaughtUpAsync(app, 20);
        var once = _log.ReadOnce(Samples.Topic);
        Assert.Equal([.. Enumerable.Range(0, 10), .. Enumerable.Range(5, 10)], VisitFiles.Numbers(once));
        Assert.Equal(20, once.Select(item => item.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(ChangedFile.Again, FileFaultPolicy.Stop)]
    [InlineData(ChangedFile.Error, FileFaultPolicy.Skip)]
    public async Task File_replaced_while_it_is_half_read_costs_no_row_of_the_files_behind_it(ChangedFile changed, FileFaultPolicy onError)
    {
        Write("a.ndjson", VisitFiles.Ndjson(0, 1_000));
        Write("b.ndjson", VisitFiles.Ndjson(1_000, 1_000));
        var positions = 0;
        _records.OnWrite = key => !key.EndsWith("/in", StringComparison.Ordinal) || Interlocked.Increment(ref positions) <= 2;
        FolderDefinition Policy(FolderDefinition folder) => folder with { Changed = changed };
        await using (var app = await StartAsync(Policy, onError, args: ["--MESH_INGEST_BATCH_ROWS=100"]))
            await UntilAsync(() => _log.Read(Samples.Topic).Count >= 1_500);
        // 200 rows are known to be published, 1,500 are.
        _records.OnWrite = null;
        Write("a.ndjson", VisitFiles.Ndjson(5_000, 50));
        await using var again = await StartAsync(Policy, onError, args: ["--MESH_INGEST_BATCH_ROWS=100"]);
        await CaughtUpAsync(again);
        await UntilAsync(() => VisitFiles.Numbers(_log.ReadOnce(Samples.Topic)).Contains(1_999));
        var numbers = VisitFiles.Numbers(_log.ReadOnce(Samples.Topic));
        Assert.Superset(Enumerable.Range(0, 2_000).ToHashSet(), numbers.ToHashSet());
        Assert.Equal(changed == ChangedFile.Again ? 50 : 0, numbers.Count(number => number >= 5_000));
        Assert.Equal(changed == ChangedFile.Again ? 0 : 1, _log.ReadOnce(DeadLetters).Count);
    }

    [Theory]
    [InlineData(AfterFile.Archive)]
    [InlineData(AfterFile.Delete)]
    public async Task Read_files_are_put_away_once_their_rows_are_stored_and_their_names_may_come_again(AfterFile after)
    {
        var archive = Path.Combine(_folder, "done");
        FolderDefinition Policy(FolderDefinition folder) => folder with { After = after, Archive = after == AfterFile.Archive ? archive : null, Recursive = true };
        Write("a.csv", VisitFiles.Csv(0, 10));
        var release = new TaskCompletionSource<IReadOnlyList<int>>();
        _log.OnPublish = (_, _) => release.Task;
        await using var app = await StartAsync(Policy);
        await UntilAsync(app, source => FilesOf(source) is { } files && (files.GetProperty("current").ValueKind == JsonValueKind.String || files.GetProperty("waiting").GetInt32() == 0));
        Assert.True(File.Exists(At("a.csv")));
        release.SetResult([]);
        await CaughtUpAsync(app, 10);
        await UntilAsync(() => !File.Exists(At("a.csv")));
        Write("a.csv", VisitFiles.Csv(10, 10));
        await CaughtUpAsync(app, 20);
        await UntilAsync(() => !File.Exists(At("a.csv")));
        string[] kept = after == AfterFile.Archive ? ["a.csv", "a.csv.2"] : [];
        Assert.Equal(kept, Directory.Exists(archive) ? [.. Directory.GetFiles(archive).Select(path => Path.GetFileName(path)).Order()] : Array.Empty<string>());
        Assert.Equal(Enumerable.Range(0, 20), VisitFiles.Numbers(_log.ReadOnce(Samples.Topic)));
    }

    [Fact]
    public async Task Folder_that_is_gone_is_an_error_and_not_an_empty_one_and_reading_goes_on_when_it_returns()
    {
        Write("a.csv", VisitFiles.Csv(0, 10));
        await using var app = await StartAsync();
        await CaughtUpAsync(app, 10);
        Directory.Move(_folder, _folder + ".away");
        var gone = await UntilAsync(app, source => source.GetProperty("error").ValueKind == JsonValueKind.String);
        Assert.Contains($"folder '{_folder}': found no such folder", gone.GetProperty("error").GetString(), StringComparison.Ordinal);
        Directory.Move(_folder + ".away", _folder);
        Write("b.csv", VisitFiles.Csv(10, 10));
        await CaughtUpAsync(app, 20);
        Assert.Equal(Enumerable.Range(0, 20), VisitFiles.Numbers(_log.ReadOnce(Samples.Topic)));
    }

    [Fact]
    public async Task Many_small_files_are_one_sequence_and_of_the_oldest_only_a_line_is_kept()
    {
        const int Files = 1_500;
        for (var i = 0; i < Files; i++)
            Write($"{i:D5}.ndjson", VisitFiles.Ndjson(i, 1));
        string[] args = ["--MESH_INGEST_FILES_REMEMBERED=400"];
        await using (var app = await StartAsync(args: args))
            await CaughtUpAsync(app, Files);
        Assert.True(_records.Items.Count(item => item.Key.Contains("/files/", StringComparison.Ordinal) && item.Value.Length > 20) <= 5);
        Write("99998.ndjson", VisitFiles.Ndjson(Files, 1));
        Write("00000-late.ndjson", VisitFiles.Ndjson(7_000, 1));
        await using var again = await StartAsync(args: args);
        var source = await CaughtUpAsync(again, Files + 1);
        Assert.Equal(Enumerable.Range(0, Files + 1), VisitFiles.Numbers(_log.ReadOnce(Samples.Topic)));
        Assert.Equal(Files + 1, _log.Read(Samples.Topic).Count);
        Assert.Contains("1 files sort before", source.GetProperty("files").GetProperty("problems")[0].GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_that_is_not_watched_ends_with_the_files_that_are_there()
    {
        Write("a.csv", VisitFiles.Csv(0, 10));
        await using (var app = await StartAsync(folder => folder with { Watch = false }))
            Assert.True((await app.SettledSourceAsync()).GetProperty("done").GetBoolean());
        Write("b.csv", VisitFiles.Csv(10, 10));
        await using var again = await StartAsync(folder => folder with { Watch = false });
        await UntilAsync(again, source => source.GetProperty("position").GetInt32() == 20 && source.GetProperty("done").GetBoolean());
        Assert.Equal(Enumerable.Range(0, 20), VisitFiles.Numbers(_log.Read(Samples.Topic)));
    }

    private Task<TestIngestion> StartAsync(Func<FolderDefinition, FolderDefinition>? change = null, FileFaultPolicy onError = FileFaultPolicy.Stop, string[]? args = null)
    {
        var folder = new FolderDefinition { Path = _folder, Settle = TimeSpan.Zero, Poll = TimeSpan.FromMilliseconds(200) };
        return TestIngestion.StartAsync(Samples.Stream(new SourceDefinition { Name = "in", Folder = change?.Invoke(folder) ?? folder, OnError = onError }), _log, _records, args);
    }

    private Task DeliverAsync(Random random, ref int rows, int files)
    {
        for (var i = 0; i < files; i++)
        {
            // Names in no order, so that files come in front of others that are half read.
            var (count, name) = (random.Next(0, 120), $"{random.Next(1_000_000):D6}");
            switch (random.Next(5))
            {
                case 0: Write(name + ".csv", VisitFiles.Csv(rows, count)); break;
                case 1: Write(name + ".ndjson", VisitFiles.Ndjson(rows, count)); break;
                case 2: Write(name + ".csv.gz", VisitFiles.Gzip(VisitFiles.Csv(rows, count))); break;
                case 3: Write(name + ".avro", VisitFiles.Avro(rows, count)); break;
                default: Write(name + ".parquet", VisitFiles.ParquetAsync(rows, count).GetAwaiter().GetResult()); break;
            }

            rows += count;
        }

        return Task.CompletedTask;
    }

    /// <summary>Null until the source has opened its folder.</summary>
    private static JsonElement? FilesOf(JsonElement source) => source.GetProperty("files") is { ValueKind: JsonValueKind.Object } files ? files : null;

    private static Task<JsonElement> CaughtUpAsync(TestIngestion app, int rows = -1) =>
        UntilAsync(app, source => source.GetProperty("done").GetBoolean() && (rows < 0 || source.GetProperty("position").GetInt64() == rows));

    private static async Task<JsonElement> UntilAsync(TestIngestion app, Func<JsonElement, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var source = await app.SourceAsync();
        while (!holds(source))
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"not within a minute: {source}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            source = await app.SourceAsync();
        }

        return source;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    private void Write(string name, byte[] bytes)
    {
        // As well-behaved writers do.
        var hidden = At("." + Path.GetFileName(name));
        File.WriteAllBytes(hidden, bytes);
        File.Move(hidden, At(name), overwrite: true);
    }
}
