using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests.Files;

public sealed class GrowingFileTests : FileTestBase
{
    private readonly MemoryLog _log = new();
    private readonly MemoryRecords _records = new();

    [Fact]
    public async Task Lines_are_read_once_their_line_break_is_there()
    {
        await using var app = await StartAsync("*.ndjson", "ndjson");
        Append("a.ndjson", VisitFiles.Ndjson(0, 3));
        await ReadAsync(app, 3);
        var line = VisitFiles.Ndjson(3, 1);
        Append("a.ndjson", line[..20]);
        Append("b.ndjson", VisitFiles.Ndjson(100, 2));
        await ReadAsync(app, 5);
        Append("a.ndjson", line[20..]);
        await ReadAsync(app, 6);
        Assert.Equal([0, 1, 2, 100, 101, 3], Numbers());
    }

    [Fact]
    public async Task Quoted_line_breaks_of_csv_do_not_end_a_row_and_the_header_counts_for_every_stretch()
    {
        await using var app = await StartAsync("*.csv", "csv");
        Append("a.csv", VisitFiles.Csv(0, 2) + "\"x\n");
        await ReadAsync(app, 2);
        Append("a.csv", "y\",2,,2026-01-01\n" + VisitFiles.CsvRows(3, 1));
        await ReadAsync(app, 4);
        Assert.Equal(Enumerable.Range(0, 4), Numbers());
        Assert.Equal("x\ny", MemoryLog.Rows(_log.ReadOnce(Samples.Topic), Samples.Contract).ElementAt(2).Split('|')[0]);
    }

    [Theory]
    [InlineData("app.ndjson*")]
    [InlineData("app.ndjson")]
    public async Task Rotation_by_rename_reads_the_rest_of_the_old_file_and_then_the_new_one(string pattern)
    {
        await using (var app = await StartAsync(pattern, "ndjson"))
        {
            Append("app.ndjson", VisitFiles.Ndjson(0, 20));
            await ReadAsync(app, 20);
        }

        Append("app.ndjson", VisitFiles.Ndjson(20, 5));
        System.IO.File.Move(At("app.ndjson"), At("app.ndjson.1"));
        Append("app.ndjson", VisitFiles.Ndjson(25, 5));
        await using var again = await StartAsync(pattern, "ndjson");
        await ReadAsync(again, 30);
        Assert.Equal(Enumerable.Range(0, 30), Numbers().Order());
    }

    [Fact]
    public async Task Rotation_by_truncation_reads_the_file_from_its_beginning()
    {
        await using var app = await StartAsync("*.ndjson", "ndjson");
        Append("a.ndjson", VisitFiles.Ndjson(0, 20));
        await ReadAsync(app, 20);
        System.IO.File.WriteAllText(At("a.ndjson"), "");
        Append("a.ndjson", VisitFiles.Ndjson(20, 3));
        await ReadAsync(app, 23);
        Assert.Equal(Enumerable.Range(0, 23), Numbers());
        Assert.Equal(23, _log.ReadOnce(Samples.Topic).Select(item => item.Id).Distinct().Count());
    }

    [Fact]
    public async Task Crashes_while_files_grow_lose_and_double_no_line()
    {
        var random = new Random(11);
        var rows = 0;
        for (var crash = 0; crash < 5; crash++)
        {
            var left = random.Next(2, 6);
            var unplanned = false;
            _records.OnWrite = key =>
            {
                if (!key.Contains("source", StringComparison.Ordinal) || Interlocked.Decrement(ref left) >= 0)
                    return true;
                if (key.Contains("/files", StringComparison.Ordinal))
                    Volatile.Write(ref unplanned, true);
                return false;
            };
            var killed = new TaskCompletionSource();
            _log.OnPublish = async (_, _) =>
            {
                if (Volatile.Read(ref left) < -1 || Volatile.Read(ref unplanned))
                {
                    killed.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
                }

                return [];
            };
            await using var app = await StartAsync("*.ndjson", "ndjson");
            for (var i = 0; i < 60 && !killed.Task.IsCompleted; i++)
            {
                var count = random.Next(1, 30);
                Append($"{random.Next(3)}.ndjson", VisitFiles.Ndjson(rows, count));
                rows += count;
                await Task.WhenAny(killed.Task, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System));
            }
        }

        _records.OnWrite = null;
        _log.OnPublish = null;
        await using var last = await StartAsync("*.ndjson", "ndjson");
        await ReadAsync(last, rows);
        Assert.Equal(Enumerable.Range(0, rows), Numbers().Order());
    }

    private Task<TestIngestion> StartAsync(string pattern, string format)
    {
        var folder = new FolderDefinition { Path = Folder, Pattern = pattern, Tail = true, Poll = TimeSpan.FromMilliseconds(100) };
        return TestIngestion.StartAsync(Samples.Stream(new SourceDefinition { Name = "in", Folder = folder, Format = format }), _log, _records, ["--MESH_INGEST_BATCH_ROWS=20"]);
    }

    private async Task ReadAsync(TestIngestion app, int rows)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_log.ReadOnce(Samples.Topic).Count < rows)
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"{_log.ReadOnce(Samples.Topic).Count} of {rows} rows within a minute: {await app.SourceAsync()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    private List<int> Numbers() => VisitFiles.Numbers(_log.ReadOnce(Samples.Topic));

    private void Append(string name, string text) => System.IO.File.AppendAllText(At(name), text);
}
